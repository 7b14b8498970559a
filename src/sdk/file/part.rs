//! A file that is read in parts.

use super::explain;
use crate::sdk::{Exec, Failure, Observer, Probe};

impl Observer<'_> {
    /// How many bytes a part of a file has; the last one has fewer.
    pub const PART: usize = 8 * 1024 * 1024;

    /// Reads a part of a file; what it holds may be a secret.
    pub async fn file_part(&self, path: &str, index: u64) -> Result<Vec<u8>, Failure> {
        const READ: Probe = Probe(include_str!("part.sh"));
        let exec = Exec::script(READ.0).args([path, &index.to_string(), &Self::PART.to_string()]);
        let output = self.ask(Exec { silent: true, ..exec }).await?;
        if output.success() && output.left_out == 0 {
            Ok(output.stdout)
        } else {
            Err(explain("read", path, &output))
        }
    }
}

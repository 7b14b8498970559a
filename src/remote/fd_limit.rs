//! The number of files this process may have open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Lets this process open as many files as the system allows it, and tells how many that are.
///
/// Every connection takes one; the usual soft limit of 1024 is too few for a large inventory.
/// `None` stands for no limit.
pub fn raise_fd_limit() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    if setrlimit(Resource::Nofile, limit).is_ok() { limit.maximum } else { before }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        let told = raise_fd_limit();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!((limit.current, told), (limit.maximum, limit.maximum));
    }
}

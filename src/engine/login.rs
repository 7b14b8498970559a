//! As whom work is done on a host: what variables, keywords and settings say of becoming another user.

use std::time::Duration;

use super::connections::Variables;
use super::keywords::Reading;
use super::options::BecomeDefaults;
use super::run::Run;
use crate::base::Diagnostic;
use crate::remote::{Become, BecomeMethod};
use crate::value::{Value, coerce};

/// The variables that hold the password for becoming another user, whatever the method.
pub(super) const BECOME_PASSWORD: [&str; 5] = [
    "ansible_sudo_pass",
    "ansible_su_pass",
    "ansible_doas_pass",
    "ansible_become_pass",
    "ansible_become_password",
];

impl Run {
    /// As whom the work is done, where it is not the login user.
    pub(super) fn login(
        &self,
        keywords: &Reading<'_>,
        variables: &Variables<'_>,
    ) -> Result<Option<Become>, Diagnostic> {
        let defaults: &BecomeDefaults = &self.options.become_defaults;
        let wanted = match variables.flag(&["ansible_become"])? {
            Some(wanted) => wanted,
            None => keywords.flag("become")?.unwrap_or(defaults.enabled),
        };
        if !wanted {
            return Ok(None);
        }
        let method = match variables.text(&["ansible_become_method"])? {
            Some(method) => Some(method),
            None => keywords.text("become_method")?,
        };
        let method = method.map_or(Ok(defaults.method), |method| method_of(&method))?;
        let name = name_of(method);
        // What is said of the method itself goes before what holds for every one.
        let said = |what: &str| -> Result<Option<String>, Diagnostic> {
            let own = [format!("ansible_{name}_{what}"), format!("ansible_become_{what}")];
            match variables.text(&own.each_ref().map(String::as_str))? {
                Some(text) => Ok(Some(text)),
                None => keywords.text(&format!("become_{what}")),
            }
        };
        let user = said("user")?.or_else(|| defaults.user.clone());
        let flags = said("flags")?.or_else(|| defaults.flags.clone());
        let password = [&format!("ansible_{name}_pass"), BECOME_PASSWORD[3], BECOME_PASSWORD[4]];
        let patience = variables.int(&["ansible_local_become_success_timeout"])?;
        Ok(Some(Become {
            password: self.secret(variables, &password, defaults.password.as_ref())?,
            executable: said("exe")?.or_else(|| defaults.executable.clone()),
            flags: flags.map_or(Ok(vec![]), |flags| words(&flags))?,
            directory: match method {
                BecomeMethod::Sudo => variables.text(&["ansible_sudo_chdir"])?,
                BecomeMethod::Su | BecomeMethod::Doas => None,
            },
            prompts: variables.value(&["ansible_su_prompt_l10n"])?.map(prompts).unwrap_or_default(),
            patience: patience
                .and_then(|seconds| u64::try_from(seconds).ok())
                .map(Duration::from_secs),
            ..Become::new(method, user.unwrap_or_else(|| "root".to_owned()))
        }))
    }
}

/// What su asks with, out of a list or of text with commas.
fn prompts(value: Value) -> Vec<String> {
    let items = coerce::to_list(&value).unwrap_or_else(|| vec![value]);
    items.iter().map(coerce::to_text).filter(|text| !text.is_empty()).collect()
}

fn words(flags: &str) -> Result<Vec<String>, Diagnostic> {
    coerce::to_words(flags).ok_or_else(|| {
        let message = format!("the flags `{flags}` have a quote that is not closed");
        Diagnostic::plain("become-flags", message)
    })
}

fn name_of(method: BecomeMethod) -> &'static str {
    match method {
        BecomeMethod::Sudo => "sudo",
        BecomeMethod::Su => "su",
        BecomeMethod::Doas => "doas",
    }
}

pub(super) fn method_of(name: &str) -> Result<BecomeMethod, Diagnostic> {
    match name.rsplit('.').next().unwrap_or(name) {
        "sudo" => Ok(BecomeMethod::Sudo),
        "su" => Ok(BecomeMethod::Su),
        "doas" => Ok(BecomeMethod::Doas),
        other => Err(Diagnostic::plain(
            "become-method",
            format!("`become_method` {other} is not known here"),
        )
        .help("use sudo, su or doas")),
    }
}

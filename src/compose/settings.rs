//! What variables say of a project, and where they come from.

use super::dotenv::{Variables, read_dotenv, read_raw};
use super::load::{Loader, Stop};
use crate::base::{Diagnostic, Span};

/// What variables say of a project itself, where nobody says it otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Its name: `COMPOSE_PROJECT_NAME`.
    pub name: Option<String>,
    /// Its files: `COMPOSE_FILE`, split at `COMPOSE_PATH_SEPARATOR` or else at colons.
    pub files: Option<Vec<String>>,
    /// Its profiles: `COMPOSE_PROFILES`, split at commas.
    pub profiles: Vec<String>,
}

impl Settings {
    fn of(variables: &Variables) -> Self {
        let given = |name: &str| variables.get(name).filter(|text| !text.is_empty());
        let split = |text: &String, at: &str| -> Vec<String> {
            let parts = text.split(at).map(str::trim);
            parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let separator = given("COMPOSE_PATH_SEPARATOR").map_or(":", String::as_str);
        let files = given("COMPOSE_FILE").map(|text| split(text, separator));
        Self {
            name: given("COMPOSE_PROJECT_NAME").cloned(),
            files: files.filter(|files| !files.is_empty()),
            profiles: given("COMPOSE_PROFILES").map(|text| split(text, ",")).unwrap_or_default(),
        }
    }
}

impl Loader<'_> {
    /// What variables say of the project: those of the caller and of its files of variables, as
    /// far as these were fetched.
    ///
    /// # Errors
    ///
    /// What is wrong with the files of variables.
    pub fn settings(&self) -> Result<Settings, Vec<Diagnostic>> {
        let mut paths = self.env_files();
        paths.retain(|path| self.need([path]).is_ok());
        match self.read_variables(&paths) {
            Ok(variables) => Ok(Settings::of(&variables)),
            Err(Stop::Faults(faults)) => Err(faults),
            Err(Stop::Needs(_)) => Ok(Settings::default()),
        }
    }

    /// The files of variables of the whole project.
    pub(super) fn env_files(&self) -> Vec<String> {
        let usual = || match self.wanted.folder.as_str() {
            "" => vec![],
            folder => vec![format!("{folder}/.env")],
        };
        self.wanted.env_files.clone().unwrap_or_else(usual)
    }

    /// The variables of files, under those of the caller.
    pub(super) fn read_variables(&self, paths: &[String]) -> Result<Variables, Stop> {
        let known = &self.wanted.variables;
        let mut all = Variables::new();
        for path in paths {
            if !self.has(path) && self.wanted.env_files.is_none() {
                continue;
            }
            let entries = self.dotenv(path, known, &all, Span::NOWHERE)?;
            all.extend(entries.into_iter().filter_map(|(name, value)| Some((name, value?))));
        }
        all.extend(known.clone());
        Ok(all)
    }

    /// The entries of a file of variables; see [`read_dotenv`].
    pub(super) fn dotenv(
        &self,
        path: &str,
        known: &Variables,
        before: &Variables,
        at: Span,
    ) -> Result<Vec<(String, Option<String>)>, Stop> {
        read_dotenv(self.text(path, at)?, known, before).map_err(|said| of_file(path, &said, at))
    }

    /// The entries of a file of variables whose values are taken as they stand.
    pub(super) fn raw(&self, path: &str, at: Span) -> Result<Vec<(String, Option<String>)>, Stop> {
        read_raw(self.text(path, at)?).map_err(|said| of_file(path, &said, at))
    }
}

fn of_file(path: &str, said: &str, at: Span) -> Stop {
    Diagnostic::error("compose-env-file", format!("{path}: {said}"), at, "named here").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_name_project_files_and_profiles() {
        let of = |pairs: &[(&str, &str)]| {
            let own = pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
            Settings::of(&own.collect())
        };
        let all = of(&[
            ("COMPOSE_PROJECT_NAME", "shop"),
            ("COMPOSE_FILE", "a.yml:b.yml"),
            ("COMPOSE_PROFILES", "x, y"),
        ]);
        assert_eq!(all.name.as_deref(), Some("shop"));
        assert_eq!(all.files.unwrap(), ["a.yml", "b.yml"]);
        assert_eq!(all.profiles, ["x", "y"]);
        let other = of(&[("COMPOSE_FILE", "a:b;c"), ("COMPOSE_PATH_SEPARATOR", ";")]);
        assert_eq!(other.files.unwrap(), ["a:b", "c"]);
        let empty = of(&[("COMPOSE_PROJECT_NAME", ""), ("COMPOSE_FILE", "")]);
        assert_eq!(empty, Settings::default());
    }
}

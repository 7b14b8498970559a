//! What can be chosen about the output.

/// How results are written out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// As JSON.
    #[default]
    Json,
    /// As YAML.
    Yaml,
}

/// What is shown, and how. The names are those of ansible-core's settings.
#[derive(Debug, Clone, Copy)]
pub struct AnsibleOptions {
    /// Whether the text is coloured.
    pub colour: bool,
    /// Whether what changes is shown line by line.
    pub diff: bool,
    /// How often `-v` was given.
    pub verbosity: u8,
    /// `debug`: whether what nobody wrote is told too.
    pub debug: bool,
    /// `display_ok_hosts`: whether hosts that were as they should be are told.
    pub ok_hosts: bool,
    /// `display_skipped_hosts`: whether hosts that a task was not for are told.
    pub skipped_hosts: bool,
    /// `display_failed_stderr`: whether failures go to standard error.
    pub failed_to_stderr: bool,
    /// `check_mode_markers`: whether what leaves hosts as they are is marked.
    pub check_markers: bool,
    /// `show_task_path_on_failure`: whether a failure tells where its task stands.
    pub path_on_failure: bool,
    /// `show_custom_stats`: whether the recap tells what `set_stats` has set.
    pub custom_stats: bool,
    /// `result_format`.
    pub form: Form,
    /// `pretty_results`: whether results take several lines; nothing: where it helps.
    pub pretty: Option<bool>,
    /// The width of the screen in columns; heads are filled up to it.
    pub columns: usize,
}

impl Default for AnsibleOptions {
    fn default() -> Self {
        Self {
            colour: false,
            diff: false,
            verbosity: 0,
            debug: false,
            ok_hosts: true,
            skipped_hosts: true,
            failed_to_stderr: false,
            check_markers: false,
            path_on_failure: false,
            custom_stats: false,
            form: Form::Json,
            pretty: None,
            columns: 79,
        }
    }
}

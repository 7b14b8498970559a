//! How a project is brought to what its files say.

use indexmap::IndexMap;

/// How a project is brought to what its files say.
#[derive(Debug, Clone, rplay_derive::Arguments)]
pub struct UpOptions {
    /// What must become of the project: `restarted` does so at each run.
    #[arg(default)]
    pub state: WantedState,
    /// When images are pulled; `policy` leaves it to the services' `pull_policy`. `always` asks
    /// the registry, and pulls where it has another image than the host.
    #[arg(default)]
    pub pull: Pulling,
    /// When images are built; `policy` builds those that are missing.
    #[arg(default)]
    pub build: Building,
    /// Whether the services that the named ones need are included.
    #[arg(default = true)]
    pub dependencies: bool,
    /// Whether an image that was built anew, and is used by no new container, is no change.
    #[arg(default = true)]
    pub ignore_build_events: bool,
    /// When containers that are there are made anew: where they differ, always, or never.
    #[arg(default)]
    pub recreate: Recreate,
    /// Whether new containers get new volumes in place of those without a name of the old ones.
    #[arg(default)]
    pub renew_anon_volumes: bool,
    /// With `state: absent`, which images are removed: all that services use, or only those
    /// whose services name none.
    pub remove_images: Option<RemoveImages>,
    /// With `state: absent`, whether the project's volumes are removed: **all data in them**.
    #[arg(default)]
    pub remove_volumes: bool,
    /// Whether containers of services that the files no longer name are removed.
    #[arg(default)]
    pub remove_orphans: bool,
    /// How many seconds containers have for stopping.
    pub timeout: Option<i64>,
    /// The services that this is about; all when not given.
    #[arg(default)]
    pub services: Vec<String>,
    /// How many containers services have, by their names.
    #[arg(default)]
    pub scale: IndexMap<String, u64>,
    /// Whether to wait until all containers run, and those with a health check are healthy.
    #[arg(default)]
    pub wait: bool,
    /// How many seconds that may take.
    #[arg(default = 300_u64)]
    pub wait_timeout: u64,
    /// Whether volumes whose settings have changed are made anew: **all data in them is lost**.
    #[arg(default)]
    pub assume_yes: bool,
}

impl Default for UpOptions {
    fn default() -> Self {
        Self {
            state: WantedState::default(),
            pull: Pulling::default(),
            build: Building::default(),
            dependencies: true,
            ignore_build_events: true,
            recreate: Recreate::default(),
            renew_anon_volumes: false,
            remove_images: None,
            remove_volumes: false,
            remove_orphans: false,
            timeout: None,
            services: vec![],
            scale: IndexMap::new(),
            wait: false,
            wait_timeout: 300,
            assume_yes: false,
        }
    }
}

/// What must become of a project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, rplay_derive::Choice)]
pub enum WantedState {
    /// It is gone.
    Absent,
    /// Its containers are there and do not run.
    Stopped,
    /// Its containers are started anew.
    Restarted,
    /// Its containers run.
    #[default]
    Present,
}

/// When images are pulled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, rplay_derive::Choice)]
pub enum Pulling {
    /// Where the registry has another one.
    Always,
    /// Where the host has none.
    Missing,
    /// Never.
    Never,
    /// As the service says.
    #[default]
    Policy,
}

/// When images are built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, rplay_derive::Choice)]
pub enum Building {
    /// Each time.
    Always,
    /// Never.
    Never,
    /// As the service says; else where the host has none.
    #[default]
    Policy,
}

/// When containers are made anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, rplay_derive::Choice)]
pub enum Recreate {
    /// Each time.
    Always,
    /// Never.
    Never,
    /// Where they differ.
    #[default]
    Auto,
}

/// Which images are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, rplay_derive::Choice)]
pub enum RemoveImages {
    /// All that services use.
    All,
    /// Those whose services name none.
    Local,
}

//! Services: one way to look, plan and act for systemd, OpenRC and init scripts.

mod request;
mod status;

pub use request::{ServiceChange, ServiceManager, ServiceRequest, ServiceScope, ServiceState};
pub use status::ServiceStatus;

use std::process::Command;

use super::*;

const A: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0jfBIm7q7f1xLHsGxXqRxYmf8Pd0bQXB7iA7bZ0WfA";

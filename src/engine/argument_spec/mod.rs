//! Argument specifications of roles: values held against what a specification says of them.

mod conversion;
mod rules;
mod size;
mod validator;

pub(super) use validator::validate;

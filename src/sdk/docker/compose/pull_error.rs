//! How it is told that an image of a project cannot be had.

use crate::sdk::Failure;

/// Says which image it was that went wrong.
pub trait OfImage<T> {
    /// Puts the image before what is wrong, in the words that playbooks look for.
    fn of_image(self, image: &str) -> Result<T, Failure>;
}

impl<T> OfImage<T> for Result<T, Failure> {
    fn of_image(self, image: &str) -> Self {
        self.map_err(|failure| match failure {
            Failure::Task { message, help, returned } => Failure::Task {
                message: format!("Error when processing image {image}: {message}"),
                help,
                returned,
            },
            other => other,
        })
    }
}

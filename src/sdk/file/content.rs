//! A file's content, text or not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::base::Side;

/// The bytes of a file. Serialises as text, or as `{base64: …}` where it is none.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Form", try_from = "Form")]
pub struct Content(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Text(String),
    Binary { base64: String },
}

/// Bytes that are no UTF-8 stand in a text as characters from here on, the byte added.
const ESCAPES: u32 = 0x0010_ff00;

impl Content {
    /// The content as text that [`Content::from_text`] turns back into the same bytes: those that
    /// are not UTF-8 stand in it as private characters.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                if u32::from(c) >= ESCAPES {
                    escape(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut text);
                } else {
                    text.push(c);
                }
            }
            escape(chunk.invalid(), &mut text);
        }
        text
    }

    /// The bytes of a text from [`Content::to_text`].
    pub fn from_text(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len());
        for c in text.chars() {
            match u32::from(c).checked_sub(ESCAPES).map(u8::try_from) {
                Some(Ok(byte)) => bytes.push(byte),
                _ => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        Self(bytes)
    }

    /// As a diff shows it. Text in another encoding than UTF-8 is text too: what cannot be read
    /// of it is replaced.
    pub fn side(&self) -> Side {
        Side::content(String::from_utf8_lossy(&self.0).as_bytes())
    }
}

fn escape(bytes: &[u8], text: &mut String) {
    text.extend(bytes.iter().filter_map(|byte| char::from_u32(ESCAPES + u32::from(*byte))));
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl From<Content> for Form {
    fn from(content: Content) -> Self {
        match String::from_utf8(content.0) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Binary { base64: STANDARD.encode(error.as_bytes()) },
        }
    }
}

impl TryFrom<Form> for Content {
    type Error = base64::DecodeError;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        match form {
            Form::Text(text) => Ok(Self(text.into_bytes())),
            Form::Binary { base64 } => STANDARD.decode(base64).map(Self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_go_through_text_and_come_back(bytes: Vec<u8>, c in "[\u{10fff0}-\u{10ffff}]") {
            let mut bytes = bytes;
            bytes.extend_from_slice(c.as_bytes());
            let content = Content(bytes);
            prop_assert_eq!(&Content::from_text(&content.to_text()), &content);
            let json = serde_json::to_value(&content).unwrap();
            prop_assert_eq!(serde_json::from_value::<Content>(json).unwrap(), content);
        }
    }
}

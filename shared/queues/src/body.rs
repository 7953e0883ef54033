//! Messages as text that every queue accepts.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// JSON in ASCII alone. SQS refuses some characters that JSON allows, and counts bytes.
pub(crate) fn write<T: Serialize>(message: &T) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::new();
    message.serialize(&mut Serializer::with_formatter(&mut bytes, Ascii))?;
    String::from_utf8(bytes).map_err(|error| serde_json::Error::io(io::Error::other(error)))
}

#[derive(Clone, Copy, Debug)]
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut units = [0; 2];
        for c in fragment.chars() {
            // Delete is ASCII too, but not printable.
            if c.is_ascii() && c != '\u{7f}' {
                writer.write_all(&[c as u8])?;
                continue;
            }
            for unit in c.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_ascii_and_comes_back() {
        let text = "tab\t null\0 delete\u{7f} naïve € 🦀 \u{fffe}\u{ffff}\"\\";
        let written = write(&text).unwrap();
        assert!(
            written.bytes().all(|b| (b' '..=b'~').contains(&b)),
            "{written}"
        );
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}

//! What a message may hold, and the checksums clients compare.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use s3s::crypto::{Checksum as _, Md5};
use serde::{Deserialize, Serialize};

use super::error::SqsError;

/// The attributes of a message by name.
pub(super) type MessageAttributes = BTreeMap<String, MessageAttribute>;

/// The most attributes a message may have.
const MAX_ATTRIBUTES: usize = 10;

/// One attribute, as it goes over the wire.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MessageAttribute {
    data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    /// In base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

impl MessageAttribute {
    /// Its own bytes and the letter the checksum marks their kind with.
    fn value(&self) -> Option<(u8, Vec<u8>)> {
        let kind = self.data_type.split('.').next().unwrap_or_default();
        match (kind, &self.string_value, &self.binary_value) {
            ("String" | "Number", Some(text), None) => Some((1, text.as_bytes().to_vec())),
            ("Binary", None, Some(text)) => Some((2, BASE64.decode(text.as_bytes()).ok()?)),
            _ => None,
        }
    }
}

/// The size that limits apply to: the body and the names, types and values of attributes, in bytes.
pub(super) fn size(body: &str, attributes: &MessageAttributes) -> usize {
    let attribute = |(name, attribute): (&String, &MessageAttribute)| {
        let value = attribute.value().map_or(0, |(_, bytes)| bytes.len());
        name.len() + attribute.data_type.len() + value
    };
    body.len() + attributes.iter().map(attribute).sum::<usize>()
}

/// Checks a body: not empty, and only characters that XML knows.
pub(super) fn check_body(body: &str) -> Result<(), SqsError> {
    if body.is_empty() {
        return Err(SqsError::missing("MessageBody"));
    }
    match body.chars().find(|character| !allowed(*character)) {
        None => Ok(()),
        Some(wrong) => Err(SqsError::new(
            "InvalidMessageContents",
            format!(
                "Invalid character in the message body: U+{:04X}. Allowed: #x9 | #xA | #xD | \
                 #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
                u32::from(wrong)
            ),
        )),
    }
}

fn allowed(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}'
        | '\u{10000}'..='\u{10FFFF}')
}

/// Checks names, types and values of attributes.
pub(super) fn check_attributes(attributes: &MessageAttributes) -> Result<(), SqsError> {
    let wrong = |message: String| SqsError::new("InvalidParameterValue", message);
    if attributes.len() > MAX_ATTRIBUTES {
        return Err(wrong(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{MAX_ATTRIBUTES}].",
            attributes.len()
        )));
    }
    for (name, attribute) in attributes {
        if !good_name(name) {
            return Err(wrong(format!(
                "The message attribute name '{name}' is not allowed."
            )));
        }
        let kind = attribute.data_type.split('.').next().unwrap_or_default();
        if !matches!(kind, "String" | "Number" | "Binary") {
            return Err(wrong(format!(
                "The type of message (user) attribute '{name}' is invalid. You must use only the \
                 following supported type prefixes: Binary, Number, String."
            )));
        }
        match attribute.value() {
            Some((_, bytes)) if !bytes.is_empty() => {}
            _ => {
                return Err(wrong(format!(
                    "The message (user) attribute '{name}' must contain a non-empty value of \
                     type '{kind}'."
                )));
            }
        }
        if kind == "Number"
            && attribute
                .string_value
                .as_ref()
                .is_none_or(|text| text.parse::<f64>().is_err())
        {
            return Err(wrong(format!(
                "Can't cast the value of message (user) attribute '{name}' to a number."
            )));
        }
    }
    Ok(())
}

fn good_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    (1..=256).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !lower.starts_with("aws.")
        && !lower.starts_with("amazon.")
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
}

/// The checksum of a body, in hexadecimal.
pub(super) fn md5_of_body(body: &str) -> String {
    md5(body.as_bytes())
}

/// The checksum of attributes, in hexadecimal; `None` without attributes.
pub(super) fn md5_of_attributes(attributes: &MessageAttributes) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut text = Vec::new();
    for (name, attribute) in attributes {
        let (mark, value) = attribute.value().unwrap_or_default();
        put(&mut text, name.as_bytes());
        put(&mut text, attribute.data_type.as_bytes());
        text.push(mark);
        put(&mut text, &value);
    }
    Some(md5(&text))
}

/// Adds bytes with their length before them.
fn put(text: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    text.extend_from_slice(&length.to_be_bytes());
    text.extend_from_slice(bytes);
}

fn md5(bytes: &[u8]) -> String {
    let mut md5 = Md5::new();
    md5.update(bytes);
    HEXLOWER.encode(&md5.finalize())
}

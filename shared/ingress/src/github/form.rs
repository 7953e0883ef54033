//! The document inside a form.

use bytes::Bytes;
use percent_encoding::percent_decode;

/// The bytes of the one field `payload`; none if there is no such field or more than one. What is not
/// UTF-8 is kept as it is, for whoever reads the document to refuse.
pub(super) fn payload(form: &[u8]) -> Option<Bytes> {
    let mut found = form.split(|b| *b == b'&').filter_map(|field| {
        let mut parts = field.splitn(2, |b| *b == b'=');
        let name = decode(parts.next()?);
        (name == b"payload").then(|| parts.next().unwrap_or_default())
    });
    let value = found.next()?;
    found.next().is_none().then(|| decode(value).into())
}

fn decode(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|b| if *b == b'+' { b' ' } else { *b })
        .collect();
    percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_exactly_one_payload() {
        let cases: [(&[u8], Option<&[u8]>); 8] = [
            (
                b"payload=%7B%22a%22%3A+%22%C3%A9%22%7D",
                Some("{\"a\": \"é\"}".as_bytes()),
            ),
            (b"x=1&payload=a%2Bb&y", Some(b"a+b")),
            (b"%70ayload=a", Some(b"a")),
            (b"payload=a=b", Some(b"a=b")),
            (b"payload", Some(b"")),
            (b"payload=a&payload=a", None),
            (b"payload=a&%70ayload=b", None),
            (b"body=a", None),
        ];
        for (form, expected) in cases {
            assert_eq!(
                payload(form).as_deref(),
                expected,
                "{}",
                String::from_utf8_lossy(form)
            );
        }
    }
}

//! The `aws-chunked` encoding of uploads: chunks with their size, and checksums at the end.

use http::{HeaderMap, header};

/// A decoded upload.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) body: Vec<u8>,
    /// Names and values behind the last chunk, such as a checksum. Signatures are left out.
    pub(super) trailers: Vec<(String, String)>,
}

/// Takes the chunks apart: `SIZE[;chunk-signature=..]\r\n DATA \r\n .. 0\r\n NAME:VALUE\r\n .. \r\n`.
/// Signatures of chunks are not checked. `None` when the encoding is broken or incomplete.
pub(super) fn decode(mut rest: &[u8]) -> Option<Decoded> {
    let mut body = Vec::new();
    loop {
        let (head, tail) = line(rest)?;
        let size = head.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = tail;
        if size == 0 {
            break;
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
    let mut trailers = Vec::new();
    while let Some((text, tail)) = line(rest) {
        rest = tail;
        let Some((name, value)) = text.split_once(':') else {
            continue;
        };
        if name != "x-amz-trailer-signature" {
            trailers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    Some(Decoded { body, trailers })
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let text = std::str::from_utf8(&bytes[..end]).ok()?;
    Some((text, &bytes[end + 2..]))
}

/// Takes `aws-chunked` out of the content encoding, which is stored with the object.
pub(super) fn forget_encoding(headers: &mut HeaderMap) {
    let Some(Ok(encoding)) = headers
        .remove(header::CONTENT_ENCODING)
        .map(|v| v.to_str().map(str::to_owned))
    else {
        return;
    };
    let others = encoding
        .split(',')
        .map(str::trim)
        .filter(|one| *one != "aws-chunked");
    let others = others.collect::<Vec<_>>().join(",");
    if let (false, Ok(value)) = (others.is_empty(), others.parse()) {
        headers.insert(header::CONTENT_ENCODING, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_and_trailers_are_taken_apart() {
        let bytes = b"4;chunk-signature=ab\r\nWiki\r\n5\r\npedia\r\n0\r\nx-amz-checksum-crc32:AAAA\r\nx-amz-trailer-signature:ff\r\n\r\n";
        let decoded = decode(bytes).unwrap();
        assert_eq!(decoded.body, b"Wikipedia");
        assert_eq!(
            decoded.trailers,
            [("x-amz-checksum-crc32".to_owned(), "AAAA".to_owned())]
        );
    }

    #[test]
    fn broken_chunks_are_refused() {
        for bytes in [&b"4\r\nWi"[..], b"x\r\n", b"", b"2\r\nabcd\r\n0\r\n\r\n"] {
            assert_eq!(decode(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn other_encodings_stay() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_ENCODING,
            "gzip, aws-chunked".parse().unwrap(),
        );
        forget_encoding(&mut headers);
        assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
        headers.insert(header::CONTENT_ENCODING, "aws-chunked".parse().unwrap());
        forget_encoding(&mut headers);
        assert!(headers.is_empty());
    }
}

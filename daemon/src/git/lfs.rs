//! Files that Git LFS keeps outside the repository.

/// How a pointer begins.
const VERSION: &str = "version https://git-lfs.github.com/spec/v1\n";
/// No pointer is longer.
const LIMIT: usize = 1024;

/// What stands in the repository in place of such a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer {
    /// The SHA-256 of the content, in hexadecimal digits.
    oid: String,
    /// How many bytes it has.
    size: u64,
}

impl Pointer {
    /// Reads a pointer; none if the bytes are anything else.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > LIMIT {
            return None;
        }
        let rest = std::str::from_utf8(bytes).ok()?.strip_prefix(VERSION)?;
        let value = |key: &str| rest.lines().find_map(|line| line.strip_prefix(key));
        let oid = value("oid sha256:")?;
        let digits = oid.bytes().all(|b| b.is_ascii_hexdigit());
        let size = value("size ")?.parse().ok()?;
        (oid.len() == 64 && digits).then(|| Self {
            oid: oid.to_owned(),
            size,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_told_from_contents() {
        let oid = "a".repeat(64);
        let text = format!("{VERSION}oid sha256:{oid}\nsize 12345\n");
        let pointer = Pointer::read(text.as_bytes()).unwrap();
        assert_eq!((pointer.oid, pointer.size), (oid, 12345));
        let short = text.replace('a', "");
        let long = text + &"x".repeat(LIMIT);
        for other in ["", "raw bytes", short.as_str(), long.as_str()] {
            assert_eq!(Pointer::read(other.as_bytes()), None, "{other}");
        }
    }
}

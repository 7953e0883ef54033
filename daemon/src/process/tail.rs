//! The last part of a stream.

use std::collections::VecDeque;

/// Keeps the newest bytes of a stream, at most `limit` of them.
pub(super) struct Tail {
    kept: VecDeque<u8>,
    limit: usize,
}

impl Tail {
    /// A tail of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            limit,
        }
    }

    /// Takes in `bytes`.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(self.limit)..];
        let excess = (self.kept.len() + bytes.len()).saturating_sub(self.limit);
        self.kept.drain(..excess);
        self.kept.extend(bytes);
    }

    /// What was kept.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.kept.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept() {
        let mut tail = Tail::new(4);
        tail.push(b"ab");
        tail.push(b"cde");
        assert_eq!(tail.kept, *b"bcde");
        tail.push(b"0123456789");
        assert_eq!(tail.into_bytes(), b"6789");
    }
}

//! Cutting a stream of bytes into lines without ever holding more than one.

/// Collects bytes and gives out whole lines. A line over the limit is dropped as a whole.
pub(crate) struct Lines {
    held: Vec<u8>,
    limit: usize,
    overlong: bool,
}

impl Lines {
    /// Lines of at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            held: Vec::new(),
            limit,
            overlong: false,
        }
    }

    /// Takes in `bytes` and gives each line they complete to `on_line`.
    pub(crate) fn push(&mut self, bytes: &[u8], on_line: &mut dyn FnMut(&str)) {
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            self.hold(piece);
            if pieces.peek().is_some() {
                self.finish(on_line);
            }
        }
    }

    /// Gives out what is left when the stream ends without a line break.
    pub(crate) fn finish(&mut self, on_line: &mut dyn FnMut(&str)) {
        let line = std::mem::take(&mut self.held);
        if !std::mem::take(&mut self.overlong) && !line.is_empty() {
            on_line(String::from_utf8_lossy(&line).trim_end_matches('\r'));
        }
    }

    fn hold(&mut self, piece: &[u8]) {
        if self.overlong || self.held.len() + piece.len() > self.limit {
            self.overlong = true;
            self.held = Vec::new();
        } else {
            self.held.extend_from_slice(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(chunks: &[&[u8]], limit: usize) -> Vec<String> {
        let mut lines = Lines::new(limit);
        let mut out = Vec::new();
        for chunk in chunks {
            lines.push(chunk, &mut |line| out.push(line.to_owned()));
        }
        lines.finish(&mut |line| out.push(line.to_owned()));
        out
    }

    #[test]
    fn lines_come_out_whole() {
        assert_eq!(cut(&[b"a\nb", b"c\r\n\nd"], 9), ["a", "bc", "d"]);
    }

    #[test]
    fn an_overlong_line_is_dropped_and_the_next_one_kept() {
        assert_eq!(cut(&[b"aaaa", b"aaaa\nb\n", b"ccccccc\nd"], 6), ["b", "d"]);
    }

    proptest! {
        #[test]
        fn where_the_stream_is_cut_does_not_matter(text in "[a-z\n]{0,80}", at in 0_usize..80) {
            let bytes = text.as_bytes();
            let (one, two) = bytes.split_at(at.min(bytes.len()));
            prop_assert_eq!(cut(&[one, two], 100), cut(&[bytes], 100));
        }
    }
}

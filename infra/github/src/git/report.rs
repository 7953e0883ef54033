//! The answer to a push, in which GitHub's own reasons stand where git says that a hook declined.

/// What git says for a reference that the hook refused.
const DECLINED: &[u8] = b"pre-receive hook declined";

/// The band that carries the report, of the three that share one connection.
const REPORT: u8 = 1;

/// Puts `reason` in the place of git's own. An answer that is not as expected stays as it is.
pub(super) fn with_reason(answer: &[u8], reason: &[u8]) -> Vec<u8> {
    rewritten(answer, reason).unwrap_or_else(|| answer.to_vec())
}

fn rewritten(answer: &[u8], reason: &[u8]) -> Option<Vec<u8>> {
    let (mut report, mut other) = (Vec::new(), Vec::new());
    for packet in packets(answer)? {
        match packet.split_first() {
            Some((&REPORT, data)) => report.extend_from_slice(data),
            Some(_) => other.push(packet),
            None => {}
        }
    }
    let mut inner = Vec::new();
    for line in packets(&report)? {
        if line.is_empty() {
            inner.extend_from_slice(b"0000");
        } else {
            push(&mut inner, &replaced(line, reason));
        }
    }
    let mut all = Vec::new();
    for packet in other {
        push(&mut all, packet);
    }
    push(&mut all, &[&[REPORT], inner.as_slice()].concat());
    all.extend_from_slice(b"0000");
    Some(all)
}

fn replaced(line: &[u8], reason: &[u8]) -> Vec<u8> {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    match text.strip_suffix(DECLINED) {
        Some(head) if head.starts_with(b"ng ") => [head, reason, b"\n"].concat(),
        _ => line.to_vec(),
    }
}

/// The packets of a stream; a flush is an empty one.
fn packets(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (length, _) = bytes.split_at_checked(4)?;
        let length = usize::from_str_radix(std::str::from_utf8(length).ok()?, 16).ok()?;
        let (packet, rest) = bytes.split_at_checked(length.max(4))?;
        all.push(packet.get(4..)?);
        bytes = rest;
    }
    Some(all)
}

fn push(all: &mut Vec<u8>, packet: &[u8]) {
    all.extend_from_slice(format!("{:04x}", packet.len() + 4).as_bytes());
    all.extend_from_slice(packet);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_reason_of_a_refused_reference_is_replaced() {
        let mut inner = Vec::new();
        push(&mut inner, b"unpack ok\n");
        push(&mut inner, b"ng refs/heads/x pre-receive hook declined\n");
        inner.extend_from_slice(b"0000");
        let mut answer = Vec::new();
        push(&mut answer, b"\x02error: no\n");
        push(&mut answer, &[b"\x01", inner.as_slice()].concat());
        answer.extend_from_slice(b"0000");
        let rewritten = with_reason(&answer, b"because");
        let text = String::from_utf8_lossy(&rewritten);
        assert!(text.contains("ng refs/heads/x because\n"), "{text}");
        assert!(text.contains("error: no\n") && text.ends_with("0000"));
        assert!(packets(&rewritten).is_some());
        assert_eq!(
            with_reason(b"something else", b"because"),
            b"something else"
        );
    }
}

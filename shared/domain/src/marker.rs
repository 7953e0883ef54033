//! The hidden lines by which Switchyard finds its own comments again.

use std::fmt;

use data_encoding::BASE32_NOPAD;

use crate::{IdempotencyKey, MessageId, RunId};

const START: &str = "<!-- switchyard:";
const END: &str = " -->";

/// What a comment of Switchyard's is for. Its text form is a line that no reader of the page sees. Anybody can write one:
/// it means something only in a comment of Switchyard's own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marker {
    /// It tells of a run.
    Run(RunId),
    /// It answers a request that was made without a message.
    Request(IdempotencyKey),
    /// It answers a message.
    Message(MessageId),
}

impl Marker {
    /// Whether a run's marker stands anywhere in `text`, whoever wrote it there: that it is ours only [`Self::of`] can tell, in a
    /// comment of our own.
    pub(crate) fn any_run_in(text: &str) -> bool {
        text.contains(&format!("{START}run="))
    }

    /// The marker with which `text` begins, if it does.
    pub fn of(text: &str) -> Option<Self> {
        let (inside, _) = text.strip_prefix(START)?.split_once(END)?;
        let (kind, id) = inside.split_once('=')?;
        match kind {
            "run" => id.parse().ok().map(Self::Run),
            "message" => id.parse().ok().map(Self::Message),
            "request" => {
                let key = String::from_utf8(BASE32_NOPAD.decode(id.as_bytes()).ok()?).ok()?;
                key.parse().ok().map(Self::Request)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(run) => write!(f, "{START}run={run}{END}"),
            Self::Request(request) => {
                // Letters and digits alone cannot end the hidden line.
                let key = BASE32_NOPAD.encode(request.as_str().as_bytes());
                write!(f, "{START}request={key}{END}")
            }
            Self::Message(message) => write!(f, "{START}message={message}{END}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::SeededRandom;

    #[test]
    fn a_marker_survives_its_text_form() {
        let run = RunId::mint(Timestamp::UNIX_EPOCH, &SeededRandom::new(1));
        for marker in [
            Marker::Run(run),
            Marker::Message(MessageId::from(7)),
            Marker::Request("label/1".parse().unwrap()),
            Marker::Request("a--->@everyone".parse().unwrap()),
        ] {
            let text = format!("{marker}\n### words");
            assert_eq!(Marker::of(&text), Some(marker));
        }
        for none in [
            "",
            "words",
            "<!-- switchyard:run=x -->",
            "x <!-- switchyard:message=1 -->",
        ] {
            assert_eq!(Marker::of(none), None, "{none}");
        }
    }

    #[test]
    fn a_request_cannot_end_its_marker() {
        for key in ["a--->@everyone", "--!>", "label/1"] {
            let marker = Marker::Request(key.parse().unwrap()).to_string();
            let inner = marker.strip_prefix("<!-- switchyard:request=").unwrap();
            let inner = inner.strip_suffix(END).unwrap();
            assert!(inner.chars().all(|c| c.is_ascii_alphanumeric()), "{marker}");
        }
    }
}

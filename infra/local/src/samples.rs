//! The samples of events/: which function each is for, and how it is signed.
//!
//! A sample carries the signatures of whoever wrote it down, made with secrets that everybody knows. A stack has secrets
//! of its own, so what its functions are handed is signed anew: with those, and at the time of the call.

mod call;
mod delivery;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use domain::Random;
use jiff::Timestamp;
use serde_json::Value;

use crate::{functions::FunctionName, secrets::Secrets};

/// How the names of bodies begin that become deliveries only when they are signed.
const BODIES: &str = "github";

/// One sample.
#[derive(Clone, Debug)]
pub struct SampleEvent(What);

#[derive(Clone, Debug)]
enum What {
    /// A delivery, as the URL of `webhook` hands it over.
    Delivery(Value),
    /// The body of a delivery of this event, as it is in its file.
    Body { event: String, text: String },
    /// A daemon's call, as the URL of `worker` hands it over.
    Call(Value),
    /// What nobody signs: AWS says it itself, or everybody may.
    Unsigned(FunctionName, Value),
}

/// Why there is no event to hand to a function, in words for the person who named the sample.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {reason}. `ls events` shows the samples.")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// The name does not say which function it is for.
    #[error(
        "{name} is for no function: the name of a sample begins with that of its function and a dash, as in \
         `triage-`, or with `github-` if it is the body of a delivery."
    )]
    Nobodys {
        /// The file's name.
        name: String,
    },
    /// It is no JSON.
    #[error("{name} is no JSON: {reason}")]
    NotJson {
        /// The file's name.
        name: String,
        /// Where reading it ended.
        reason: serde_json::Error,
    },
    /// It lacks what is signed, or what says so.
    #[error("it cannot be signed: {lack}")]
    Unsignable {
        /// What it lacks.
        lack: &'static str,
    },
}

impl SampleEvent {
    /// The sample in a file.
    pub fn read(path: &Path) -> Result<Self, SampleError> {
        let text = fs::read_to_string(path).map_err(|reason| SampleError::File {
            path: path.to_owned(),
            reason,
        })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self::parse(&name, &text)
    }

    /// The sample in a file of this name with this text.
    pub fn parse(name: &str, text: &str) -> Result<Self, SampleError> {
        let event = serde_json::from_str(text).map_err(|reason| SampleError::NotJson {
            name: name.to_owned(),
            reason,
        })?;
        let nobodys = || SampleError::Nobodys {
            name: name.to_owned(),
        };
        let (whose, rest) = name.split_once('-').ok_or_else(nobodys)?;
        if whose == BODIES {
            return Ok(Self(What::Body {
                event: delivery::event(rest, &event),
                text: text.to_owned(),
            }));
        }
        let function: FunctionName = whose.parse().map_err(|_| nobodys())?;
        Ok(Self(match function {
            FunctionName::Webhook => What::Delivery(event),
            FunctionName::Worker => What::Call(event),
            FunctionName::Triage
            | FunctionName::Api
            | FunctionName::Scheduler
            | FunctionName::Relay => What::Unsigned(function, event),
        }))
    }

    /// The function that it is for.
    pub const fn function(&self) -> FunctionName {
        match &self.0 {
            What::Delivery(_) | What::Body { .. } => FunctionName::Webhook,
            What::Call(_) => FunctionName::Worker,
            What::Unsigned(function, _) => *function,
        }
    }

    /// The event that the function takes at `now`, signed with a stack's own secrets. Whatever else it says stays.
    pub fn signed(
        &self,
        secrets: &Secrets,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<Value, SampleError> {
        match &self.0 {
            What::Delivery(request) => delivery::sign(request.clone(), &secrets.webhook),
            What::Body { event, text } => {
                let request = delivery::request(event, text, random)?;
                delivery::sign(request, &secrets.webhook)
            }
            What::Call(request) => call::sign(request.clone(), secrets, now),
            What::Unsigned(_, event) => Ok(event.clone()),
        }
    }
}

const fn lacking(lack: &'static str) -> SampleError {
    SampleError::Unsignable { lack }
}

/// Writes headers of a request to a function's URL.
fn set_headers<const N: usize>(
    request: &mut Value,
    set: [(&str, String); N],
) -> Result<(), SampleError> {
    let headers = request.get_mut("headers").and_then(Value::as_object_mut);
    let headers = headers.ok_or_else(|| lacking("it has no headers"))?;
    for (name, value) in set {
        headers.insert(name.to_owned(), value.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_whose_it_is() {
        for (name, function) in [
            ("webhook-form.json", Some(FunctionName::Webhook)),
            ("github-ping.json", Some(FunctionName::Webhook)),
            ("worker-claim-function-url.json", Some(FunctionName::Worker)),
            ("triage-sqs.json", Some(FunctionName::Triage)),
            ("scheduler-schedule.json", Some(FunctionName::Scheduler)),
            ("relay-stream.json", Some(FunctionName::Relay)),
            ("api-health-http-api.json", Some(FunctionName::Api)),
            ("relay.json", None),
            ("nobody-at-all.json", None),
        ] {
            let sample = SampleEvent::parse(name, "{}");
            assert_eq!(sample.ok().map(|it| it.function()), function, "{name}");
        }
        let broken = SampleEvent::parse("relay-stream.json", "{").unwrap_err();
        assert!(
            broken
                .to_string()
                .starts_with("relay-stream.json is no JSON")
        );
    }

    #[test]
    fn what_cannot_be_signed_says_why() {
        let secrets = Secrets::new("a".into(), "b".into(), "c".into());
        for (name, text, lack) in [
            ("webhook-x.json", "{}", "it has no body"),
            ("webhook-x.json", r#"{"body": "x"}"#, "it has no headers"),
            (
                "webhook-x.json",
                r#"{"body": "%", "isBase64Encoded": true}"#,
                "its body is not in base64, as it says",
            ),
            ("worker-x.json", "{}", "it has no token of a job"),
        ] {
            let sample = SampleEvent::parse(name, text).unwrap();
            let now = Timestamp::UNIX_EPOCH;
            let error = sample.signed(&secrets, now, &domain::SystemRandom);
            let said = error.unwrap_err().to_string();
            assert!(said.ends_with(lack), "{said}");
        }
    }
}

//! The live, readable view of a run in the terminal.
use std::io::{self, Write};
use domain::Stage;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
/// Style
#[derive(Clone, Copy, Debug)]
pub(crate) enum Style { /// c
 Colour, /// p
 Plain }
/// Ready
#[derive(Debug)]
pub(crate) struct Ready { pub(crate) github: String, pub(crate) issue: String, pub(crate) webhook: String, pub(crate) secret: SecretString, pub(crate) state: String, pub(crate) trigger: String, pub(crate) agent: String }
/// Station
#[derive(Clone, Debug)]
pub(crate) enum Station {
    RepositoryCreated { name: String, url: String },
    IssueOpened { number: u64, title: String, url: String },
    CommentWritten { author: String, text: String, url: String },
    DeliveryVerified { delivery: String, event: String, status_code: u16, millis: u64 },
    Decision { steps: Vec<(String, String)>, verdict: String },
    JobQueued { run: String, job: String },
    Claimed { daemon: String, attempt: u32 },
    Step { stage: Stage, text: String },
    PullRequestOpened { number: u64, title: Option<String>, branch: String, url: Option<String> },
    CommentFinished { url: Option<String>, state: String },
    Finished { outcome: String, duration: SignedDuration },
}
/// N
#[derive(Debug)]
pub(crate) struct Narrator<W: Write> { out: W }
impl<W: Write> Narrator<W> {
    pub(crate) fn new(out: W, _style: Style, _start: Timestamp) -> Self { Self { out } }
    pub(crate) fn tell(&mut self, station: &Station, at: Timestamp) -> io::Result<()> { writeln!(self.out, "{at} {station:?}") }
    pub(crate) fn ready(&mut self, ready: &Ready) -> io::Result<()> { writeln!(self.out, "{ready:?}") }
}

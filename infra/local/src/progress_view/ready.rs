//! Where to look and what to try.

use data_encoding::HEXLOWER;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

use super::{
    clean::clean,
    layout::{BOLD, DIM, LINK, Style},
};

/// A delivery that asks for nothing. It must not contain a single quote, as it stands between two of them.
const PING: &str = r#"{"zen":"Every answer arrives.","hook_id":1}"#;
/// A repeated line must be a new delivery, so the shell makes the id.
const FRESH_ID: &str = "$(python3 -c 'import uuid; print(uuid.uuid4())')";

/// What a person needs to go on.
#[derive(Debug)]
pub(crate) struct Ready {
    /// The first page of the simulated GitHub.
    pub(crate) github: String,
    /// The page of the issue.
    pub(crate) issue: String,
    /// The base of the public API.
    pub(crate) api: String,
    /// Where deliveries are sent.
    pub(crate) webhook: String,
    /// What signs them. It is never shown.
    pub(crate) secret: SecretString,
    /// The folder of all state.
    pub(crate) state: String,
    /// What to do to see more.
    pub(crate) trigger: String,
    /// The command that plays the agent.
    pub(crate) agent: String,
}

impl Ready {
    pub(super) fn text(&self, style: Style) -> String {
        let bold = |text: &str| style.paint(BOLD, text);
        let row = |name: &str, what: &str| {
            format!("   {} {what}", style.paint(DIM, &format!("{name:<12}")))
        };
        let plain = |name: &str, what: &str| row(name, &clean(what));
        let link = |name: &str, url: &str| row(name, &style.paint(LINK, &clean(url)));
        let agent = format!("{} (a script of the repository, not a model)", self.agent);
        let lines = [
            String::new(),
            format!(" {}", bold("Ready. Here is where to look:")),
            String::new(),
            link("GitHub", &self.github),
            link("issue", &self.issue),
            link("API", &self.api),
            plain("state, logs", &self.state),
            plain("agent", &agent),
            plain("try", &self.trigger),
            String::new(),
            " Or send a signed delivery yourself; it is answered with 200:".to_owned(),
            String::new(),
            self.curl(),
            String::new(),
            format!(
                " {}",
                bold("Ctrl-C stops everything. The state is kept for the next start.")
            ),
            String::new(),
        ];
        lines.join("\n")
    }

    /// A command for a POSIX shell. Only the signature of its one body is in it, not the secret.
    fn curl(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.expose_secret().as_bytes());
        let signature = HEXLOWER.encode(hmac::sign(&key, PING.as_bytes()).as_ref());
        // In a quoted word of the shell a single quote ends it; outside of it a backslash makes it plain.
        let webhook = clean(&self.webhook).replace('\'', r"'\''");
        [
            format!("curl -i '{webhook}'"),
            "-H 'Content-Type: application/json'".to_owned(),
            "-H 'X-GitHub-Event: ping'".to_owned(),
            format!("-H \"X-GitHub-Delivery: {FRESH_ID}\""),
            format!("-H 'X-Hub-Signature-256: sha256={signature}'"),
            format!("--data-binary '{PING}'"),
        ]
        .join(" \\\n  ")
    }
}

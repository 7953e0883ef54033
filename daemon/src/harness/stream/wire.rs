//! What of the stream is read.

use domain::Usage;
use serde::{Deserialize, Deserializer, de::IgnoredAny};

/// One line.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Event {
    /// The model's words and calls of tools, or the program's in their place.
    Assistant {
        /// What it says.
        message: Message,
        /// There if the call to the model failed.
        #[serde(default)]
        error: Option<IgnoredAny>,
    },
    /// What tools answered.
    User {
        /// What they say.
        message: Message,
    },
    /// About the session.
    System(System),
    /// The end.
    Result(Box<SessionResult>),
    /// Anything else.
    #[serde(other)]
    Unknown,
}

/// A message of the conversation.
#[derive(Deserialize)]
pub(super) struct Message {
    /// Its parts. Mere text has none.
    #[serde(default, deserialize_with = "blocks")]
    pub(super) content: Vec<Block>,
    #[serde(default)]
    model: Option<String>,
}

impl Message {
    /// Whether the program wrote it itself.
    pub(super) fn is_synthetic(&self) -> bool {
        self.model.as_deref() == Some("<synthetic>")
    }
}

fn blocks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Block>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Content {
        Blocks(Vec<Block>),
        Other(IgnoredAny),
    }
    Ok(match Content::deserialize(from)? {
        Content::Blocks(blocks) => blocks,
        Content::Other(_) => Vec::new(),
    })
}

/// A part of a message.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A tool is called.
    ToolUse {
        /// The call.
        #[serde(default)]
        id: Option<String>,
        /// The tool.
        name: String,
        /// What it is given.
        #[serde(default)]
        input: Input,
    },
    /// A tool has answered.
    ToolResult {
        /// The call.
        tool_use_id: String,
    },
    /// Anything else.
    #[serde(other)]
    Unknown,
}

impl Block {
    /// The words, if it is words.
    pub(super) fn words(&self) -> Option<&str> {
        match self {
            Self::Text { text } => Some(text),
            _ => None,
        }
    }
}

/// What tells a person most about a tool's call; each tool has one or none of these.
#[derive(Default, Deserialize)]
pub(super) struct Input {
    description: Option<String>,
    file_path: Option<String>,
    command: Option<String>,
    pattern: Option<String>,
    url: Option<String>,
}

impl Input {
    /// The one that there is.
    pub(super) fn what(self) -> String {
        let what = self.description.or(self.file_path).or(self.command);
        what.or(self.pattern).or(self.url).unwrap_or_default()
    }
}

/// About the session.
#[derive(Deserialize)]
pub(super) struct System {
    /// What it is about.
    #[serde(default)]
    pub(super) subtype: String,
    /// Which try follows.
    pub(super) attempt: Option<u32>,
    /// The status of a failed call, if it was answered.
    pub(super) error_status: Option<u16>,
    /// The model.
    pub(super) model: Option<String>,
}

/// How the session ended.
#[derive(Deserialize)]
pub(super) struct SessionResult {
    /// In which way.
    pub(super) subtype: Option<String>,
    /// Whether it failed. Without a verdict there is no success.
    #[serde(default = "yes")]
    pub(super) is_error: bool,
    /// The last words.
    pub(super) result: Option<String>,
    /// What it cost by the program's own table.
    pub(super) total_cost_usd: Option<f64>,
    /// What it used.
    pub(super) usage: Option<Tokens>,
    /// The status of the call that ended it.
    pub(super) api_error_status: Option<u16>,
    /// Why the model stopped.
    pub(super) stop_reason: Option<String>,
    #[serde(default)]
    permission_denials: Vec<Denial>,
}

impl SessionResult {
    /// The tools that were denied, each once.
    pub(super) fn denied(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .permission_denials
            .iter()
            .map(|one| one.tool_name.clone())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// What is written to and read from the provider's cache is counted beside the input.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tokens {
    #[serde(rename = "input_tokens")]
    input: u64,
    #[serde(rename = "cache_creation_input_tokens")]
    written: u64,
    #[serde(rename = "cache_read_input_tokens")]
    remembered: u64,
    #[serde(rename = "output_tokens")]
    output: u64,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        Self {
            calls: 0,
            input_tokens: tokens.input,
            cache_write_tokens: tokens.written,
            cache_read_tokens: tokens.remembered,
            output_tokens: tokens.output,
        }
    }
}

#[derive(Deserialize)]
struct Denial {
    #[serde(default)]
    tool_name: String,
}

fn yes() -> bool {
    true
}

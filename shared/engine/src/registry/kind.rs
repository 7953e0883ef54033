//! A kind of node.

use serde::{Deserialize, Serialize};

use super::{Capability, Parameter};

/// What a node is, roughly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeType {
    /// Where runs begin.
    Trigger,
    /// An agent at work, or a model asked.
    AiAgent,
    /// Something done in general: a request, a transformation, a program.
    Action,
    /// Something done at one provider.
    ExternalAction,
    /// What decides, repeats, gathers and waits.
    Flow,
    /// What an agent may use.
    Tool,
    /// What an agent remembers.
    Memory,
    /// What people are asked.
    HumanInTheLoop,
}

impl NodeType {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Trigger,
        Self::AiAgent,
        Self::Action,
        Self::ExternalAction,
        Self::Flow,
        Self::Tool,
        Self::Memory,
        Self::HumanInTheLoop,
    ];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::AiAgent => "ai_agent",
            Self::Action => "action",
            Self::ExternalAction => "external_action",
            Self::Flow => "flow",
            Self::Tool => "tool",
            Self::Memory => "memory",
            Self::HumanInTheLoop => "human_in_the_loop",
        }
    }
}

/// What the engine computes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Hands on what the run was started with.
    Trigger,
    /// Takes one of two ways.
    If,
    /// Takes one of several ways.
    Switch,
    /// Gathers what came from several.
    Merge,
    /// Cuts a list into lists.
    Split,
    /// Leaves out items of a list.
    Filter,
    /// Puts a list in order.
    Sort,
    /// Computes a value.
    Transform,
    /// Checks a value.
    Validate,
    /// Fills in a text.
    Format,
}

/// Who does what a node says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execution {
    /// The engine, at once.
    Inline(Inline),
    /// A daemon.
    Job,
    /// A call to somebody outside.
    Call,
    /// Time.
    Timer,
    /// An answer or an event from outside, or the end of the time for it.
    Reply,
    /// Another run.
    Child,
    /// The body, for each item of a list.
    ForEach,
    /// The body, a number of times.
    Loop,
    /// The body, as long as something holds.
    While,
    /// The body, within a time.
    Timeout,
    /// The agent that it is attached to.
    Attached,
}

impl Execution {
    /// Whether the node has nodes inside.
    pub const fn has_body(self) -> bool {
        matches!(
            self,
            Self::ForEach | Self::Loop | Self::While | Self::Timeout
        )
    }

    /// Whether somebody else than the engine has to do something.
    pub const fn leaves_the_engine(self) -> bool {
        matches!(
            self,
            Self::Job | Self::Call | Self::Timer | Self::Reply | Self::Child
        )
    }

    /// How long it may take, if that is limited by `timeout_seconds`.
    pub const fn timeout(self) -> Option<Timeout> {
        Some(match self {
            Self::Job => Timeout::new(1800, 1, 21_600),
            Self::Call => Timeout::new(420, 1, 1000),
            Self::Reply => Timeout::new(3600, 1, 2_592_000),
            Self::Child => Timeout::new(7200, 1, 86_400),
            Self::Timeout => Timeout::new(300, 1, 86_400),
            _ => return None,
        })
    }
}

/// How many seconds something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    /// Without a word.
    pub default: u32,
    /// At least.
    pub least: u32,
    /// At most.
    pub most: u32,
}

impl Timeout {
    const fn new(default: u32, least: u32, most: u32) -> Self {
        Self {
            default,
            least,
            most,
        }
    }
}

/// Whether what it takes is there.
#[derive(Clone, Copy, Debug)]
pub enum Support {
    /// The engine does it.
    Engine,
    /// It needs something that a deployment may have.
    Needs(&'static Capability),
    /// It is not done here.
    Refused {
        /// Why.
        reason: &'static str,
        /// What does the same.
        solution: &'static str,
    },
}

/// A kind of node.
#[derive(Clone, Copy, Debug)]
pub struct NodeKind {
    node_type: NodeType,
    subtype: &'static str,
    meaning: &'static str,
    execution: Execution,
    parameters: &'static [Parameter],
    ports: &'static [&'static str],
    support: Support,
}

impl NodeKind {
    pub(super) const fn new(
        node_type: NodeType,
        subtype: &'static str,
        execution: Execution,
        meaning: &'static str,
    ) -> Self {
        Self {
            node_type,
            subtype,
            meaning,
            execution,
            parameters: &[],
            ports: match execution {
                Execution::Attached => &[],
                _ => &["result"],
            },
            support: Support::Engine,
        }
    }

    pub(super) const fn with(mut self, parameters: &'static [Parameter]) -> Self {
        self.parameters = parameters;
        self
    }

    pub(super) const fn leads(mut self, ports: &'static [&'static str]) -> Self {
        self.ports = ports;
        self
    }

    pub(super) const fn needs(mut self, capability: &'static Capability) -> Self {
        self.support = Support::Needs(capability);
        self
    }

    pub(super) const fn refused(mut self, reason: &'static str, solution: &'static str) -> Self {
        self.support = Support::Refused { reason, solution };
        self
    }

    /// Its type.
    pub const fn node_type(&self) -> NodeType {
        self.node_type
    }

    /// Its subtype, as it is written.
    pub const fn subtype(&self) -> &'static str {
        self.subtype
    }

    /// What it does.
    pub const fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// Who does it.
    pub const fn execution(&self) -> Execution {
        self.execution
    }

    /// What it is told.
    pub const fn parameters(&self) -> &'static [Parameter] {
        self.parameters
    }

    /// Where it leads: the first one without a word, the others where a connection names them.
    pub const fn ports(&self) -> &'static [&'static str] {
        self.ports
    }

    /// Whether what it takes is there.
    pub const fn support(&self) -> Support {
        self.support
    }
}

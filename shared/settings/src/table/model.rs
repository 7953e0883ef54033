//! The model's provider: one account, and the way to it.

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use crate::{
    Declaration,
    Program::Daemon,
    Setting,
    setting::{path, switch, text, token, url},
};

/// What holds without an account.
const NONE: &str = "the account is another one, or there is none";
/// Where an address leads if it is not set.
const OWN: &str = "the provider's own";
/// What to do about an address.
const ADDRESS: &str = "Set it to an address such as https://gateway.example, or leave it out.";
/// What holds without a switch.
const OFF: &str = "off";
/// What to do about a cloud of which the program knows more than the model's address can stand in for.
const GATEWAY: &str = "Put a gateway that speaks Anthropic's Messages API in front, and set ANTHROPIC_BASE_URL and \
                       ANTHROPIC_AUTH_TOKEN.";

declare! {
    /// A key of Anthropic's.
    ANTHROPIC_API_KEY: SecretString = token("a key")
        .read_by(&[Daemon])
        .or_parameter()
        .without(NONE);

    /// A token of a gateway that speaks Anthropic's Messages API.
    ANTHROPIC_AUTH_TOKEN: SecretString = token("a token")
        .read_by(&[Daemon])
        .or_parameter()
        .without(NONE);

    /// The token of a subscription, for Claude Code alone.
    CLAUDE_CODE_OAUTH_TOKEN: SecretString = token("a token")
        .read_by(&[Daemon])
        .or_parameter()
        .without(NONE);

    /// A key of OpenAI's or of a gateway that speaks its API, for agents of `command`.
    OPENAI_API_KEY: SecretString = token("a key")
        .read_by(&[Daemon])
        .or_parameter()
        .without(NONE);

    /// A Bedrock API key.
    AWS_BEARER_TOKEN_BEDROCK: SecretString = token("a key")
        .read_by(&[Daemon])
        .or_parameter()
        .without(NONE);

    /// Whether the account is one of Amazon Bedrock.
    CLAUDE_CODE_USE_BEDROCK: bool = switch()
        .read_by(&[Daemon])
        .without(OFF);

    /// A gateway in Anthropic's place.
    ANTHROPIC_BASE_URL: Url = url()
        .read_by(&[Daemon])
        .without(OWN)
        .solve(ADDRESS);

    /// A gateway in OpenAI's place.
    OPENAI_BASE_URL: Url = url()
        .read_by(&[Daemon])
        .without(OWN)
        .solve(ADDRESS);

    /// Another address of Bedrock.
    ANTHROPIC_BEDROCK_BASE_URL: Url = url()
        .read_by(&[Daemon])
        .without("the Region's own")
        .solve(ADDRESS);

    /// The model that agents use.
    ANTHROPIC_MODEL: String = text("a model's name")
        .read_by(&[Daemon])
        .without("the agent's own choice")
        .solve("Set it to one such as claude-opus-5-5, or leave it out.");

    /// The small model of the same account that looks over what agents wrote before everybody sees it.
    SWITCHYARD_MODEL_SCAN: String = text("on, off or a model's name")
        .read_by(&[Daemon])
        .otherwise("off")
        .solve("Set it to on, off or a name such as claude-haiku-5-5, or leave it out.");

    /// A proxy on the way to the model's provider, and nowhere else.
    HTTPS_PROXY: Url = url()
        .read_by(&[Daemon])
        .without("there is none")
        .solve("Set it to an address such as http://proxy.example:3128, or leave it out.");

    /// Further authorities on the way to the model's provider, and nowhere else.
    SWITCHYARD_MODEL_CA_FILE: PathBuf = path("a file of certificates in PEM")
        .read_by(&[Daemon])
        .without("the system's alone")
        .solve("Set it to the path of a certificate in PEM.");

    /// Refused where it is on: the agent would need that cloud's credentials itself.
    CLAUDE_CODE_USE_VERTEX: bool = switch().read_by(&[Daemon]).without(OFF).solve(GATEWAY);

    /// Refused where it is on, as with Vertex.
    CLAUDE_CODE_USE_FOUNDRY: bool = switch().read_by(&[Daemon]).without(OFF).solve(GATEWAY);

    /// Refused where it is on, as with Vertex.
    CLAUDE_CODE_USE_MANTLE: bool = switch().read_by(&[Daemon]).without(OFF).solve(GATEWAY);

    /// Refused where it is on, as with Vertex.
    CLAUDE_CODE_USE_ANTHROPIC_AWS: bool = switch().read_by(&[Daemon]).without(OFF).solve(GATEWAY);

    /// Refused where it is on, as with Vertex.
    CLAUDE_CODE_USE_GATEWAY: bool = switch().read_by(&[Daemon]).without(OFF).solve(GATEWAY);
}

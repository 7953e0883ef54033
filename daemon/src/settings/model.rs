//! The settings of the model's provider: one account, and the way to it.

#[cfg(test)]
mod tests;

use std::fs;

use secrecy::SecretString;
use url::Url;

use super::{HarnessSettings, Reader};
use crate::model::{Credential, Provider, Wire};

const ANTHROPIC: &str = "https://api.anthropic.com";
const OPEN_AI: &str = "https://api.openai.com/v1";
/// The longest name of a model.
const NAME_LIMIT: usize = 200;
const SCAN: &str = "SWITCHYARD_MODEL_SCAN";
/// Small models that answer within seconds.
const SMALL_ANTHROPIC: &str = "claude-haiku-5-5";
const SMALL_OPEN_AI: &str = "gpt-5.4-mini";
/// What somebody writes who means `on`. Taken for a model's name, it would look like one that never answers.
const MEANT_ON: [&str; 6] = ["yes", "true", "1", "On", "ON", "default"];
const URL_SOLUTION: &str = "Set it to an address such as https://gateway.example, or leave it out.";
/// Clouds of which the program knows more than the model's address can stand in for.
const CLOUDS: [&str; 5] = [
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_MANTLE",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS",
    "CLAUDE_CODE_USE_GATEWAY",
];

/// The provider and the way to it.
#[derive(Clone, Debug)]
pub(crate) struct ModelSettings {
    /// The provider with the operator's account.
    pub(crate) provider: Provider,
    /// The proxy on the way.
    pub(crate) proxy: Option<Url>,
    /// Authorities in PEM that are trusted on the way beside the machine's own.
    pub(crate) authorities: Option<Vec<u8>>,
    /// The model that looks over what agents wrote, if one does.
    pub(crate) scan: Option<String>,
}

/// One way to be known to a provider.
struct Account {
    wire: Wire,
    // The setting that holds the secret.
    name: &'static str,
    credential: Credential,
}

impl Reader<'_> {
    /// The model's provider, if one is set. What contradicts itself or `harness` is complained about.
    pub(super) fn model(&mut self, harness: Option<&HarnessSettings>) -> Option<ModelSettings> {
        self.refuse_clouds();
        let proxy = self.optional_url("HTTPS_PROXY");
        let authorities = self.authorities();
        let model = self.model_name();
        let scan = self.scan_wanted();
        let mut accounts = self.accounts();
        if let [first, second, ..] = &accounts[..] {
            let reason = format!("{} is set too, and there is one account only", first.name);
            self.complain(second.name, reason, "Leave one of the two out.");
            return None;
        }
        let Some(account) = accounts.pop() else {
            self.refuse_addresses_without_account();
            if scan.is_some() {
                let solution =
                    "Set a model's account too, such as ANTHROPIC_API_KEY, or leave it out.";
                self.complain(
                    SCAN,
                    "there is no account with a model's provider",
                    solution,
                );
            }
            return None;
        };
        let fits = account.wire != Wire::OpenAi;
        if matches!(harness, Some(HarnessSettings::ClaudeCode { .. })) && !fits {
            let solution = "Set ANTHROPIC_API_KEY, or SWITCHYARD_HARNESS to command.";
            self.complain(
                account.name,
                "Claude Code does not speak OpenAI's API",
                solution,
            );
        }
        let base = self.base(&account);
        let scan = scan.and_then(|wanted| self.scan(wanted, &account));
        if !account.credential.is_sendable() {
            self.complain(
                account.name,
                "it holds what no header can hold",
                "Copy it again.",
            );
        }
        Some(ModelSettings {
            provider: Provider {
                wire: account.wire,
                base: base?,
                credential: account.credential,
                model,
            },
            proxy,
            authorities,
            scan,
        })
    }

    fn accounts(&mut self) -> Vec<Account> {
        let secret =
            |reader: &Self, name| reader.get(name).map(|text| SecretString::from(text.trim()));
        let account = |wire, name, credential| Account {
            wire,
            name,
            credential,
        };
        let mut accounts = Vec::new();
        if let Some(key) = secret(self, "ANTHROPIC_API_KEY") {
            accounts.push(account(
                Wire::Anthropic,
                "ANTHROPIC_API_KEY",
                Credential::Key(key),
            ));
        }
        if let Some(token) = secret(self, "ANTHROPIC_AUTH_TOKEN") {
            accounts.push(account(
                Wire::Anthropic,
                "ANTHROPIC_AUTH_TOKEN",
                Credential::Bearer(token),
            ));
        }
        if let Some(token) = secret(self, "CLAUDE_CODE_OAUTH_TOKEN") {
            accounts.push(account(
                Wire::Anthropic,
                "CLAUDE_CODE_OAUTH_TOKEN",
                Credential::OAuth(token),
            ));
        }
        if let Some(key) = secret(self, "OPENAI_API_KEY") {
            accounts.push(account(
                Wire::OpenAi,
                "OPENAI_API_KEY",
                Credential::Bearer(key),
            ));
        }
        let token = secret(self, "AWS_BEARER_TOKEN_BEDROCK");
        match (self.is_on("CLAUDE_CODE_USE_BEDROCK"), token) {
            (true, Some(token)) => {
                accounts.push(account(
                    Wire::Bedrock,
                    "AWS_BEARER_TOKEN_BEDROCK",
                    Credential::Bearer(token),
                ));
            }
            (true, None) => self.complain(
                "AWS_BEARER_TOKEN_BEDROCK",
                "Bedrock is used, and only a Bedrock API key can be kept from the agent",
                "Make one in the Bedrock console and set it, or leave CLAUDE_CODE_USE_BEDROCK out.",
            ),
            (false, Some(_)) => self.complain(
                "AWS_BEARER_TOKEN_BEDROCK",
                "Bedrock is not used",
                "Set CLAUDE_CODE_USE_BEDROCK to 1, or leave it out.",
            ),
            (false, None) => {}
        }
        accounts
    }

    fn base(&mut self, account: &Account) -> Option<Url> {
        let (name, usual) = match account.wire {
            Wire::Anthropic => ("ANTHROPIC_BASE_URL", Some(ANTHROPIC.to_owned())),
            Wire::OpenAi => ("OPENAI_BASE_URL", Some(OPEN_AI.to_owned())),
            Wire::Bedrock => ("ANTHROPIC_BEDROCK_BASE_URL", self.bedrock()),
        };
        for other in [
            "ANTHROPIC_BASE_URL",
            "OPENAI_BASE_URL",
            "ANTHROPIC_BEDROCK_BASE_URL",
        ] {
            if other != name && self.get(other).is_some() {
                let reason = format!("{} is for another provider", account.name);
                self.complain(other, reason, "Leave one of the two out.");
            }
        }
        if self.get(name).is_none() {
            return usual?.parse().ok();
        }
        if matches!(account.credential, Credential::OAuth(_)) {
            let solution = "Leave it out, or use the gateway's own token as ANTHROPIC_AUTH_TOKEN.";
            self.complain(
                name,
                "a subscription's token is for Anthropic alone",
                solution,
            );
        }
        self.optional_url(name)
    }

    fn bedrock(&mut self) -> Option<String> {
        if self.get("ANTHROPIC_BEDROCK_BASE_URL").is_some() {
            return None;
        }
        let region = self
            .get("AWS_REGION")
            .or_else(|| self.get("AWS_DEFAULT_REGION"));
        let known = |region: &&str| {
            region
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let Some(region) = region.filter(known) else {
            self.complain(
                "AWS_REGION",
                "Bedrock is used, and no region is set",
                "Set it to the region of the models.",
            );
            return None;
        };
        Some(format!("https://bedrock-runtime.{region}.amazonaws.com"))
    }

    fn refuse_clouds(&mut self) {
        for name in CLOUDS {
            if self.is_on(name) {
                self.complain(
                    name,
                    "the agent would need that cloud's credentials itself",
                    "Put a gateway that speaks Anthropic's Messages API in front, and set ANTHROPIC_BASE_URL and ANTHROPIC_AUTH_TOKEN.",
                );
            }
        }
    }

    fn refuse_addresses_without_account(&mut self) {
        for (name, solution) in [
            (
                "ANTHROPIC_BASE_URL",
                "Set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN too, or leave it out.",
            ),
            (
                "OPENAI_BASE_URL",
                "Set OPENAI_API_KEY too, or leave it out.",
            ),
            (
                "ANTHROPIC_BEDROCK_BASE_URL",
                "Set CLAUDE_CODE_USE_BEDROCK and AWS_BEARER_TOKEN_BEDROCK too, or leave it out.",
            ),
        ] {
            if self.get(name).is_some() {
                self.complain(name, "there is no key for it", solution);
            }
        }
    }

    fn model_name(&mut self) -> Option<String> {
        let name = self.get("ANTHROPIC_MODEL")?.trim().to_owned();
        if is_name(&name) {
            return Some(name);
        }
        self.complain(
            "ANTHROPIC_MODEL",
            "it is not a model's name",
            "Set it to one such as claude-opus-5-5, or leave it out.",
        );
        None
    }

    /// Which model is to look over what agents wrote, in the setting's own words.
    fn scan_wanted(&self) -> Option<String> {
        let wanted = self.get(SCAN)?.trim().to_owned();
        (wanted != "off").then_some(wanted)
    }

    /// The name of that model with `account`.
    fn scan(&mut self, wanted: String, account: &Account) -> Option<String> {
        let (reason, solution) = match (wanted.as_str(), account.wire) {
            _ if matches!(account.credential, Credential::OAuth(_)) => (
                "a subscription's token is for Claude Code alone",
                "Set an account that any program may use, such as ANTHROPIC_API_KEY, or leave it out.",
            ),
            ("on", Wire::Anthropic) => return Some(SMALL_ANTHROPIC.to_owned()),
            ("on", Wire::OpenAi) => return Some(SMALL_OPEN_AI.to_owned()),
            ("on", Wire::Bedrock) => (
                "Bedrock's names of models depend on the Region",
                "Set it to the name of a small model or inference profile there.",
            ),
            (name, _) if is_name(name) && !MEANT_ON.contains(&name) => return Some(wanted),
            _ => (
                "it is neither on, off nor a model's name",
                "Set it to on, off or a name such as claude-haiku-5-5, or leave it out.",
            ),
        };
        self.complain(SCAN, reason, solution);
        None
    }

    fn authorities(&mut self) -> Option<Vec<u8>> {
        const NAME: &str = "SWITCHYARD_MODEL_CA_FILE";
        let path = self.get(NAME)?;
        match fs::read(path) {
            Ok(pem) if String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") => {
                Some(pem)
            }
            Ok(_) => {
                self.complain(
                    NAME,
                    "the file holds no certificate in PEM",
                    "Set it to the path of one.",
                );
                None
            }
            Err(error) => {
                let reason = format!("the file cannot be read: {}", error.kind());
                self.complain(NAME, reason, "Set it to the path of a certificate in PEM.");
                None
            }
        }
    }

    fn optional_url(&mut self, name: &'static str) -> Option<Url> {
        self.get(name)?;
        self.url(name, URL_SOLUTION)
    }

    fn is_on(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|text| !matches!(text.trim(), "0" | "false"))
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= NAME_LIMIT && name.bytes().all(|byte| byte.is_ascii_graphic())
}

//! The settings of the model's provider: one account, and the way to it.

#[cfg(test)]
mod tests;

use std::fs;

use secrecy::SecretString;
use settings::{
    ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_BASE_URL, ANTHROPIC_BEDROCK_BASE_URL,
    ANTHROPIC_MODEL, AWS_BEARER_TOKEN_BEDROCK, AWS_DEFAULT_REGION, AWS_REGION,
    CLAUDE_CODE_OAUTH_TOKEN, CLAUDE_CODE_USE_ANTHROPIC_AWS, CLAUDE_CODE_USE_BEDROCK,
    CLAUDE_CODE_USE_FOUNDRY, CLAUDE_CODE_USE_GATEWAY, CLAUDE_CODE_USE_MANTLE,
    CLAUDE_CODE_USE_VERTEX, Declaration, HTTPS_PROXY, OPENAI_API_KEY, OPENAI_BASE_URL, Reader,
    SWITCHYARD_MODEL_CA_FILE, SWITCHYARD_MODEL_SCAN, Setting,
};
use url::Url;

use super::HarnessSettings;
use crate::model::{Credential, Provider, Wire};

const ANTHROPIC: &str = "https://api.anthropic.com";
const OPEN_AI: &str = "https://api.openai.com/v1";
/// The longest name of a model.
const NAME_LIMIT: usize = 200;
/// Small models that answer within seconds.
const SMALL_ANTHROPIC: &str = "claude-haiku-5-5";
const SMALL_OPEN_AI: &str = "gpt-5.4-mini";
/// What somebody writes who means `on`. Taken for a model's name, it would look like one that never answers.
const MEANT_ON: [&str; 6] = ["yes", "true", "1", "On", "ON", "default"];
/// Clouds of which the program knows more than the model's address can stand in for.
static CLOUDS: [&Setting<bool>; 5] = [
    &CLAUDE_CODE_USE_VERTEX,
    &CLAUDE_CODE_USE_FOUNDRY,
    &CLAUDE_CODE_USE_MANTLE,
    &CLAUDE_CODE_USE_ANTHROPIC_AWS,
    &CLAUDE_CODE_USE_GATEWAY,
];
/// What somebody has to do who sets an address and no account.
static ADDRESSES: [(&Setting<Url>, &str); 3] = [
    (
        &ANTHROPIC_BASE_URL,
        "Set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN too, or leave it out.",
    ),
    (&OPENAI_BASE_URL, "Set OPENAI_API_KEY too, or leave it out."),
    (
        &ANTHROPIC_BEDROCK_BASE_URL,
        "Set CLAUDE_CODE_USE_BEDROCK and AWS_BEARER_TOKEN_BEDROCK too, or leave it out.",
    ),
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
    // What holds the secret.
    setting: &'static Declaration,
    credential: Credential,
}

/// The model's provider, if one is set. What contradicts itself or `harness` is remembered as wrong.
pub(super) fn model(
    read: &mut Reader<'_>,
    harness: Option<&HarnessSettings>,
) -> Option<ModelSettings> {
    refuse_clouds(read);
    let proxy = read.get(&HTTPS_PROXY);
    let authorities = authorities(read);
    let model = read.parse(&ANTHROPIC_MODEL, |name| {
        is_name(name).then(|| name.to_owned())
    });
    // Which model is to look over what agents wrote, in the setting's own words.
    let scan = read.get(&SWITCHYARD_MODEL_SCAN);
    let scan = scan.filter(|wanted| wanted != "off");
    let account = account(read, scan.as_deref())?;
    if matches!(harness, Some(HarnessSettings::ClaudeCode { .. })) && account.wire == Wire::OpenAi {
        let solution = "Set ANTHROPIC_API_KEY, or SWITCHYARD_HARNESS to command.";
        read.wrong_for(
            account.setting,
            "Claude Code does not speak OpenAI's API",
            solution,
        );
    }
    let base = base(read, &account);
    let scan = scan.and_then(|wanted| small_model(read, wanted, &account));
    if !account.credential.is_sendable() {
        let reason = "it holds what no header can hold";
        read.wrong_for(account.setting, reason, "Copy it again.");
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

/// The one account, if there is one.
fn account(read: &mut Reader<'_>, scan: Option<&str>) -> Option<Account> {
    let mut accounts = accounts(read);
    if let [first, second, ..] = &accounts[..] {
        let name = first.setting.name();
        let reason = format!("{name} is set too, and there is one account only");
        read.wrong_for(second.setting, reason, "Leave one of the two out.");
        return None;
    }
    let account = accounts.pop();
    if account.is_none() {
        for (address, solution) in ADDRESSES {
            if read.is_set(address) {
                read.wrong_for(address, "there is no key for it", solution);
            }
        }
        if scan.is_some() {
            let solution = "Set a model's account too, such as ANTHROPIC_API_KEY, or leave it out.";
            let reason = "there is no account with a model's provider";
            read.wrong_for(&SWITCHYARD_MODEL_SCAN, reason, solution);
        }
    }
    account
}

fn accounts(read: &mut Reader<'_>) -> Vec<Account> {
    type Make = fn(SecretString) -> Credential;
    let known: [(&'static Setting<SecretString>, Wire, Make); 4] = [
        (&ANTHROPIC_API_KEY, Wire::Anthropic, Credential::Key),
        (&ANTHROPIC_AUTH_TOKEN, Wire::Anthropic, Credential::Bearer),
        (&CLAUDE_CODE_OAUTH_TOKEN, Wire::Anthropic, Credential::OAuth),
        (&OPENAI_API_KEY, Wire::OpenAi, Credential::Bearer),
    ];
    let accounts = known.into_iter().filter_map(|(setting, wire, make)| {
        Some(Account {
            wire,
            setting,
            credential: make(read.get(setting)?),
        })
    });
    let mut accounts: Vec<Account> = accounts.collect();
    accounts.extend(bedrock_account(read));
    accounts
}

fn bedrock_account(read: &mut Reader<'_>) -> Option<Account> {
    let is_used = is_on(read, &CLAUDE_CODE_USE_BEDROCK);
    let token = read.get(&AWS_BEARER_TOKEN_BEDROCK);
    if is_used && token.is_none() {
        read.wrong_for(
            &AWS_BEARER_TOKEN_BEDROCK,
            "Bedrock is used, and only a Bedrock API key can be kept from the agent",
            "Make one in the Bedrock console and set it, or leave CLAUDE_CODE_USE_BEDROCK out.",
        );
    }
    if !is_used && token.is_some() {
        read.wrong_for(
            &AWS_BEARER_TOKEN_BEDROCK,
            "Bedrock is not used",
            "Set CLAUDE_CODE_USE_BEDROCK to 1, or leave it out.",
        );
        return None;
    }
    Some(Account {
        wire: Wire::Bedrock,
        setting: &AWS_BEARER_TOKEN_BEDROCK,
        credential: Credential::Bearer(token?),
    })
}

fn base(read: &mut Reader<'_>, account: &Account) -> Option<Url> {
    let (setting, usual) = match account.wire {
        Wire::Anthropic => (&ANTHROPIC_BASE_URL, Some(ANTHROPIC.to_owned())),
        Wire::OpenAi => (&OPENAI_BASE_URL, Some(OPEN_AI.to_owned())),
        Wire::Bedrock => (&ANTHROPIC_BEDROCK_BASE_URL, bedrock(read)),
    };
    for (other, _) in ADDRESSES {
        if other.name() != setting.name() && read.is_set(other) {
            let reason = format!("{} is for another provider", account.setting.name());
            read.wrong_for(other, reason, "Leave one of the two out.");
        }
    }
    if !read.is_set(setting) {
        return usual?.parse().ok();
    }
    if matches!(account.credential, Credential::OAuth(_)) {
        let solution = "Leave it out, or use the gateway's own token as ANTHROPIC_AUTH_TOKEN.";
        read.wrong_for(
            setting,
            "a subscription's token is for Anthropic alone",
            solution,
        );
    }
    read.get(setting)
}

fn bedrock(read: &mut Reader<'_>) -> Option<String> {
    if read.is_set(&ANTHROPIC_BEDROCK_BASE_URL) {
        return None;
    }
    let region = read.get(&AWS_REGION);
    let region = region.or_else(|| read.get(&AWS_DEFAULT_REGION));
    let known = |region: &String| {
        region
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let Some(region) = region.filter(known) else {
        read.wrong(&AWS_REGION, "Bedrock is used, and no region is set");
        return None;
    };
    Some(format!("https://bedrock-runtime.{region}.amazonaws.com"))
}

fn refuse_clouds(read: &mut Reader<'_>) {
    for cloud in CLOUDS {
        if is_on(read, cloud) {
            read.wrong(
                cloud,
                "the agent would need that cloud's credentials itself",
            );
        }
    }
}

/// The name of the small model that looks over what agents wrote, with `account`.
fn small_model(read: &mut Reader<'_>, wanted: String, account: &Account) -> Option<String> {
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
            SWITCHYARD_MODEL_SCAN.solution(),
        ),
    };
    read.wrong_for(&SWITCHYARD_MODEL_SCAN, reason, solution);
    None
}

fn authorities(read: &mut Reader<'_>) -> Option<Vec<u8>> {
    let reason = match fs::read(read.get(&SWITCHYARD_MODEL_CA_FILE)?) {
        Ok(pem) if String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") => {
            return Some(pem);
        }
        Ok(_) => "the file holds no certificate in PEM".to_owned(),
        Err(error) => format!("the file cannot be read: {}", error.kind()),
    };
    read.wrong(&SWITCHYARD_MODEL_CA_FILE, reason);
    None
}

fn is_on(read: &mut Reader<'_>, setting: &Setting<bool>) -> bool {
    read.get(setting) == Some(true)
}

fn is_name(name: &str) -> bool {
    name.len() <= NAME_LIMIT && name.bytes().all(|byte| byte.is_ascii_graphic())
}

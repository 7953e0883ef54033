//! What of a provider can be reached.

use http::Method;
use url::Url;

use super::Wire;

/// Where a request for `path` goes below `base`; nothing if that is none of the model's paths.
pub(super) fn target(
    wire: Wire,
    base: &Url,
    method: &Method,
    path: &str,
    query: Option<&str>,
) -> Option<Url> {
    let allowed = match wire {
        Wire::Anthropic => anthropic(method, path),
        Wire::OpenAi => open_ai(method, path),
        Wire::Bedrock => bedrock(method, path),
    };
    if !allowed {
        return None;
    }
    let path = match wire {
        Wire::OpenAi => path.strip_prefix("/v1")?,
        Wire::Anthropic | Wire::Bedrock => path,
    };
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(query);
    Some(url)
}

fn anthropic(method: &Method, path: &str) -> bool {
    match *method {
        Method::POST => matches!(path, "/v1/messages" | "/v1/messages/count_tokens"),
        Method::GET => models(path),
        _ => false,
    }
}

fn open_ai(method: &Method, path: &str) -> bool {
    match *method {
        Method::POST => matches!(
            path,
            "/v1/chat/completions" | "/v1/responses" | "/v1/responses/compact"
        ),
        Method::GET => models(path),
        _ => false,
    }
}

fn bedrock(method: &Method, path: &str) -> bool {
    let Some((model, action)) = path
        .strip_prefix("/model/")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    *method == Method::POST
        && id(model)
        && matches!(
            action,
            "invoke" | "invoke-with-response-stream" | "count-tokens"
        )
}

fn models(path: &str) -> bool {
    let rest = path.strip_prefix("/v1/models");
    rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('/').is_some_and(id))
}

/// A model's id in one segment: nothing in it leads anywhere else.
fn id(segment: &str) -> bool {
    let plain = segment.replace("%3A", ":").replace("%3a", ":");
    let plain = plain.replace("%2F", "_").replace("%2f", "_");
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-@".contains(&byte);
    plain.starts_with(|first: char| first.is_ascii_alphanumeric()) && plain.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(wire: Wire, base: &str, method: &Method, path: &str) -> Option<String> {
        let (path, query) = path
            .split_once('?')
            .map_or((path, None), |(path, query)| (path, Some(query)));
        target(wire, &base.parse().unwrap(), method, path, query).map(Into::into)
    }

    #[test]
    fn only_the_models_own_paths_are_reached_below_the_providers_address() {
        let (get, post) = (Method::GET, Method::POST);
        let anthropic = "https://api.anthropic.com";
        let gateway = "https://llm.internal/proxy/";
        let open_ai = "https://api.openai.com/v1";
        let bedrock = "https://bedrock-runtime.eu-west-1.amazonaws.com";
        for (wire, base, method, path, expected) in [
            (
                Wire::Anthropic,
                anthropic,
                &post,
                "/v1/messages?beta=true",
                "https://api.anthropic.com/v1/messages?beta=true",
            ),
            (
                Wire::Anthropic,
                gateway,
                &post,
                "/v1/messages/count_tokens",
                "https://llm.internal/proxy/v1/messages/count_tokens",
            ),
            (
                Wire::Anthropic,
                anthropic,
                &get,
                "/v1/models?limit=1000",
                "https://api.anthropic.com/v1/models?limit=1000",
            ),
            (
                Wire::OpenAi,
                open_ai,
                &post,
                "/v1/responses",
                "https://api.openai.com/v1/responses",
            ),
            (
                Wire::OpenAi,
                open_ai,
                &get,
                "/v1/models/gpt-5.5",
                "https://api.openai.com/v1/models/gpt-5.5",
            ),
            (
                Wire::Bedrock,
                bedrock,
                &post,
                "/model/eu.anthropic.x-v1%3A0/invoke-with-response-stream",
                "https://bedrock-runtime.eu-west-1.amazonaws.com/model/eu.anthropic.x-v1%3A0/invoke-with-response-stream",
            ),
        ] {
            assert_eq!(
                to(wire, base, method, path).as_deref(),
                Some(expected),
                "{path}"
            );
        }
    }

    #[test]
    fn everything_else_is_not() {
        let (get, post) = (Method::GET, Method::POST);
        for (wire, method, path) in [
            (Wire::Anthropic, &get, "/v1/messages"),
            (Wire::Anthropic, &post, "/v1/messages/"),
            (Wire::Anthropic, &post, "/v1/messages/batches"),
            (Wire::Anthropic, &post, "/v1/files"),
            (Wire::Anthropic, &get, "/v1/organizations/usage_report"),
            (Wire::Anthropic, &post, "//v1/messages"),
            (Wire::Anthropic, &post, "/v1/../v1/messages"),
            (Wire::Anthropic, &get, "/v1/models/.."),
            (Wire::Anthropic, &get, "/v1/models/%2e%2e"),
            (Wire::Anthropic, &get, "/v1/models/%2F%2e%2e"),
            (Wire::Anthropic, &get, "/v1/models/a/b"),
            (Wire::Anthropic, &Method::DELETE, "/v1/models/a"),
            (Wire::Anthropic, &post, "/v1/chat/completions"),
            (Wire::OpenAi, &post, "/v1/messages"),
            (Wire::OpenAi, &post, "/v1/files"),
            (Wire::OpenAi, &post, "/chat/completions"),
            (Wire::Bedrock, &post, "/model/a/converse"),
            (Wire::Bedrock, &post, "/model/../invoke"),
            (Wire::Bedrock, &post, "/model/a/b/invoke"),
            (Wire::Bedrock, &get, "/inference-profiles"),
        ] {
            assert_eq!(to(wire, "https://x.example", method, path), None, "{path}");
        }
    }
}

//! A provider with one repository, octo/widgets: git over HTTP and pull requests.

use std::path::PathBuf;

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::{delete, get},
};
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{
    Shared, cgi,
    scene::{git, shell},
    serve, talk,
};

/// The provider's state.
#[derive(Debug, Default)]
pub(crate) struct HubState {
    /// Tokens that are good.
    pub(crate) tokens: Vec<String>,
    /// Pull requests as they were sent.
    pub(crate) pulls: Vec<Value>,
    /// Method and path of every request that was let in.
    pub(crate) requests: Vec<String>,
    /// Statuses and messages with which the next attempts to open a pull request fail.
    pub(crate) pull_failures: Vec<(u16, Value)>,
    /// How many of the next requests for git fail with 503.
    pub(crate) git_failures: usize,
    /// Statuses with which the next requests of git fail, as for a token that is not known yet.
    pub(crate) git_refusals: Vec<u16>,
    /// The same for requests of a push alone.
    pub(crate) push_refusals: Vec<u16>,
    /// How many of the next requests to revoke a token fail.
    pub(crate) revoke_failures: usize,
    /// Whether nobody may write any more.
    pub(crate) archived: bool,
    /// What was said of issue or pull request 7.
    pub(crate) comments: Vec<Value>,
    /// The reviews of pull request 7.
    pub(crate) reviews: Vec<Value>,
    /// What was said of its lines.
    pub(crate) review_comments: Vec<Value>,
    /// A status with which every request for something that was said is answered.
    pub(crate) mute: Option<u16>,
    /// The paths of these requests.
    pub(crate) asked: Vec<String>,
}

/// The provider.
#[derive(Clone, Debug)]
pub(crate) struct Hub {
    /// Its state.
    pub(crate) state: Shared<HubState>,
    /// Its address; the REST API and git share it.
    pub(crate) address: String,
    root: PathBuf,
}

impl Hub {
    /// Starts it, with a repository of `files` below `root`.
    pub(crate) async fn start(root: &std::path::Path, files: &[(&str, &str)]) -> Self {
        let mut hub = Self {
            state: Shared::default(),
            address: String::new(),
            root: root.to_owned(),
        };
        let bare = hub.repository();
        std::fs::create_dir_all(&bare).unwrap();
        git(
            &bare,
            &["init", "--quiet", "--bare", "--initial-branch=main", "."],
        );
        git(&bare, &["config", "http.receivepack", "true"]);
        let seed = root.join("seed");
        std::fs::create_dir_all(&seed).unwrap();
        git(&seed, &["init", "--quiet", "--initial-branch=main", "."]);
        for (path, content) in files {
            let at = seed.join(path);
            std::fs::create_dir_all(at.parent().unwrap()).unwrap();
            std::fs::write(at, content).unwrap();
        }
        git(&seed, &["add", "--all", "--force"]);
        git(&seed, &["commit", "--quiet", "--message", "first"]);
        git(
            &seed,
            &[
                "push",
                "--quiet",
                bare.to_str().unwrap(),
                "main",
                "main:refs/pull/7/head",
            ],
        );
        let router = Router::new()
            .route("/repos/octo/widgets", get(about))
            .route("/repos/octo/widgets/pulls", get(list).post(open))
            .merge(talk::routes())
            .route("/installation/token", delete(revoke))
            .route("/users/{login}", get(account))
            .fallback(over_git)
            .with_state(hub.clone());
        hub.address = serve(router).await;
        hub
    }

    /// The bare repository.
    pub(crate) fn repository(&self) -> PathBuf {
        self.root.join("octo/widgets.git")
    }

    /// The branches there are.
    pub(crate) fn branches(&self) -> Vec<String> {
        let out = git(
            &self.repository(),
            &["for-each-ref", "--format=%(refname:short)", "refs/heads"],
        );
        out.lines().map(str::to_owned).collect()
    }

    /// Makes it a repository without any commit.
    pub(crate) fn empty(&self) {
        let bare = self.repository();
        std::fs::remove_dir_all(&bare).unwrap();
        std::fs::create_dir_all(&bare).unwrap();
        git(
            &bare,
            &["init", "--quiet", "--bare", "--initial-branch=main", "."],
        );
        git(&bare, &["config", "http.receivepack", "true"]);
    }

    /// Runs `script` in the clone from which the repository was made, and pushes the branches and tags that are there
    /// then.
    pub(crate) fn change(&self, script: &str) {
        let seed = self.root.join("seed");
        let bare = self.repository();
        shell(&seed, script);
        let push = ["push", "--quiet", "--force", "--all"];
        git(&seed, &[&push[..], &[bare.to_str().unwrap()]].concat());
        let push = ["push", "--quiet", "--force", "--tags"];
        git(&seed, &[&push[..], &[bare.to_str().unwrap()]].concat());
    }

    /// A file on a branch.
    pub(crate) fn file(&self, branch: &str, path: &str) -> String {
        git(&self.repository(), &["show", &format!("{branch}:{path}")])
    }

    /// Has the repository refuse every push with `words`.
    pub(crate) fn refuse_pushes(&self, words: &str) {
        self.judge_pushes(&refusal(words));
    }

    /// Has the repository refuse pushes that change one of these files, each with its words. The first one counts.
    pub(crate) fn refuse_files(&self, files: &[(&str, &str)]) {
        let cases = files.iter().map(|(file, words)| {
            let refusal = refusal(words);
            format!("if printf '%s\\n' \"$files\" | grep -qxF '{file}'; then\n{refusal}fi\n")
        });
        let cases: String = cases.collect();
        let files = "files=$(git diff-tree -r --name-only main \"$new\")\n";
        self.judge_pushes(&format!("{files}{cases}"));
    }

    /// Has the repository refuse pushes to branches that match `pattern`.
    pub(crate) fn refuse_branches(&self, pattern: &str, words: &str) {
        let refusal = refusal(words);
        self.judge_pushes(&format!(
            "case $ref in refs/heads/{pattern})\n{refusal};; esac\n"
        ));
    }

    fn judge_pushes(&self, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let hook = self.repository().join("hooks/pre-receive");
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        let script = format!("#!/bin/sh\nread -r old new ref\n{script}");
        std::fs::write(&hook, script).unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(super) fn admits(&self, headers: &HeaderMap) -> bool {
        let value = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let state = self.state.lock();
        state.tokens.iter().any(|token| {
            let basic = BASE64.encode(format!("x-access-token:{token}").as_bytes());
            value == format!("Basic {basic}") || value == format!("Bearer {token}")
        })
    }
}

fn refusal(words: &str) -> String {
    format!("cat >&2 <<'EOF'\n{words}\nEOF\nexit 1\n")
}

async fn over_git(State(hub): State<Hub>, request: Request) -> Response {
    if !hub.admits(request.headers()) {
        let ask = [("www-authenticate", "Basic realm=\"hub\"")];
        return (StatusCode::UNAUTHORIZED, ask, "").into_response();
    }
    {
        let mut state = hub.state.lock();
        state
            .requests
            .push(format!("{} {}", request.method(), request.uri()));
        if state.git_failures > 0 {
            state.git_failures -= 1;
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let pushes = request.uri().to_string().contains("receive-pack");
        if pushes && !state.push_refusals.is_empty() {
            let status = state.push_refusals.remove(0);
            return StatusCode::from_u16(status).unwrap().into_response();
        }
        if !state.git_refusals.is_empty() {
            let status = state.git_refusals.remove(0);
            return StatusCode::from_u16(status).unwrap().into_response();
        }
    }
    cgi::answer(&hub.root, request).await
}

async fn about(State(hub): State<Hub>, headers: HeaderMap) -> Response {
    if !hub.admits(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let head = git(&hub.repository(), &["symbolic-ref", "--short", "HEAD"]);
    let archived = hub.state.lock().archived;
    Json(json!({"id": 1, "default_branch": head.trim(), "archived": archived})).into_response()
}

async fn account(
    State(hub): State<Hub>,
    Path(login): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !hub.admits(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({"login": login, "id": 42})).into_response()
}

async fn revoke(State(hub): State<Hub>, headers: HeaderMap) -> Response {
    if !hub.admits(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let value = headers[AUTHORIZATION].to_str().unwrap();
    let mut state = hub.state.lock();
    if state.revoke_failures > 0 {
        state.revoke_failures -= 1;
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    state
        .tokens
        .retain(|token| value != format!("Bearer {token}"));
    StatusCode::NO_CONTENT.into_response()
}

async fn list(
    State(hub): State<Hub>,
    headers: HeaderMap,
    Query(query): Query<std::collections::HashMap<String, String>>,
) -> Response {
    if !hub.admits(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let wanted = query["head"].strip_prefix("octo:").unwrap().to_owned();
    let state = hub.state.lock();
    let numbered = state
        .pulls
        .iter()
        .enumerate()
        .filter(|(_, pull)| pull["head"] == *wanted);
    let found: Vec<Value> = numbered
        .map(|(index, pull)| shape(&hub, index, pull))
        .collect();
    Json(found).into_response()
}

async fn open(State(hub): State<Hub>, headers: HeaderMap, Json(pull): Json<Value>) -> Response {
    if !hub.admits(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut state = hub.state.lock();
    state.requests.push("POST /pulls".to_owned());
    if !state.pull_failures.is_empty() {
        let (status, body) = state.pull_failures.remove(0);
        return (StatusCode::from_u16(status).unwrap(), Json(body)).into_response();
    }
    state.pulls.push(pull);
    let index = state.pulls.len() - 1;
    (
        StatusCode::CREATED,
        Json(shape(&hub, index, &state.pulls[index])),
    )
        .into_response()
}

fn shape(hub: &Hub, index: usize, pull: &Value) -> Value {
    let number = 100 + index;
    let page = format!("{}/octo/widgets/pull/{number}", hub.address);
    let repo = pull
        .get("repo")
        .cloned()
        .unwrap_or_else(|| json!({"id": 1}));
    json!({"number": number, "html_url": page, "head": {"ref": pull["head"], "repo": repo}})
}

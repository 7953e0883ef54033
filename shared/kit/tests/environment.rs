//! What only a process with its own environment can show: the child is this test program again.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{
    future::IntoFuture as _,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use settings::{Program, Source};
use switchyard_kit::{Clients, load_settings};
use tokio::{net::TcpListener, process::Command};

/// Names the child's part in its environment.
const PART: &str = "SWITCHYARD_TEST_PART";
/// The path under which nobody may read.
const FORBIDDEN: &str = "/switchyard/forbidden";
/// What Parameter Store does not hold.
const ABSENT: &str = "SWITCHYARD_DAEMON_KEY";

type Seen = Arc<Mutex<Vec<(String, Value)>>>;

/// A Parameter Store.
async fn aws() -> (String, Seen) {
    let seen = Seen::default();
    let router = Router::new()
        .route("/", post(parameters))
        .with_state(Arc::clone(&seen));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    (url, seen)
}

async fn parameters(
    State(seen): State<Seen>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    let body: Value = serde_json::from_slice(&body).unwrap();
    let signature = headers["authorization"].to_str().unwrap().to_owned();
    let names = body["Names"].as_array().unwrap().clone();
    seen.lock().unwrap().push((signature, body));
    if names
        .iter()
        .any(|name| name.as_str().unwrap().starts_with(FORBIDDEN))
    {
        let refusal = json!({"__type": "AccessDeniedException", "message": "not this role"});
        return (StatusCode::BAD_REQUEST, Json(refusal));
    }
    let known = |name: &Value| {
        let name = name.as_str().unwrap();
        (!name.ends_with(ABSENT)).then(|| json!({"Name": name, "Value": format!("of {name}")}))
    };
    let found: Vec<Value> = names.iter().filter_map(known).collect();
    let answer = json!({"Parameters": found, "InvalidParameters": []});
    (StatusCode::OK, Json(answer))
}

/// Runs the child part `part` and returns what it reports.
async fn child(part: &str, url: &str) -> Value {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_child", "--nocapture", "--include-ignored"])
        .env_clear()
        .env(PART, part)
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_ENDPOINT_URL_SSM", url)
        .env("AWS_ACCESS_KEY_ID", "AKIDFUNCTION")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_SESSION_TOKEN", "token")
        .env("SWITCHYARD_PARAMETERS", format!("/switchyard/{part}"))
        .env("GITHUB_APP_ID", "from the environment")
        .output()
        .await
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.split_once("REPORT "))
        .map(|(_, json)| json);
    serde_json::from_str(line.unwrap_or_else(|| panic!("{text}"))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the other tests in a process of its own"]
async fn the_child() {
    let vars = settings::environment();
    let Some(part) = vars.get(PART).cloned() else {
        return;
    };
    let aws = Clients::from_vars(&vars);
    // More than one program asks for, so that it is more than one call takes.
    let stored = settings::all().filter(|setting| setting.source() == Source::ParameterStore);
    let names: Vec<&str> = match part.as_str() {
        "many" => stored.map(settings::Declaration::name).collect(),
        _ => settings::parameters(Program::Worker),
    };
    let settings = load_settings(vars, &aws, &names).await;
    let mut read = settings.reader(Program::Worker);
    let text =
        |secret: Option<SecretString>| secret.map(|secret| secret.expose_secret().to_owned());
    let values = json!({
        "app": read.get(&settings::GITHUB_APP_ID),
        "key": text(read.get(&settings::SWITCHYARD_TOKEN_KEY)),
        "token": text(read.get(&settings::SWITCHYARD_GITHUB_TOKEN)),
        "absent": text(read.get(&settings::SWITCHYARD_DAEMON_KEY)),
    });
    let wrong = read
        .finish(|| Some(()))
        .err()
        .map(|error| error.to_string());
    println!("REPORT {}", json!({"values": values, "wrong": wrong}));
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_are_read_in_batches_with_the_functions_credentials() {
    let (url, seen) = aws().await;
    let report = child("many", &url).await;
    let values = &report["values"];
    assert_eq!(
        values["key"], "of /switchyard/many/SWITCHYARD_TOKEN_KEY",
        "{report}"
    );
    assert_eq!(
        values["token"],
        "of /switchyard/many/SWITCHYARD_GITHUB_TOKEN"
    );
    assert_eq!(values["app"], "from the environment");
    assert_eq!(values["absent"], Value::Null);
    let wrong = report["wrong"].as_str().unwrap();
    assert!(
        wrong.starts_with("1 setting(s)") && wrong.contains("SWITCHYARD_DAEMON_KEY: it is missing"),
        "{wrong}"
    );
    let seen = seen.lock().unwrap();
    let counts: Vec<usize> = seen
        .iter()
        .map(|(_, body)| body["Names"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [10, 3]);
    for (signature, body) in seen.iter() {
        assert!(signature.contains("AKIDFUNCTION") && signature.contains("/eu-west-1/ssm/"));
        assert_eq!(body["WithDecryption"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_store_that_refuses_is_reported_like_any_wrong_setting() {
    let (url, _seen) = aws().await;
    let report = child("forbidden", &url).await;
    let wrong = report["wrong"].as_str().unwrap();
    assert!(wrong.starts_with("1 setting(s)"), "{wrong}");
    assert!(
        wrong.contains("cannot be read: AccessDeniedException not this role."),
        "{wrong}"
    );
    assert!(
        wrong.contains("ssm:GetParameters on /switchyard/forbidden/{GITHUB_APP_PRIVATE_KEY,"),
        "{wrong}"
    );
}

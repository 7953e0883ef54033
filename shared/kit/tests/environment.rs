//! What only a process with its own environment can show: the child is this test program again.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{
    collections::HashMap,
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
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use switchyard_kit::{Clients, Settings};
use tokio::{net::TcpListener, process::Command};

/// Names the child's part in its environment.
const PART: &str = "SWITCHYARD_TEST_PART";

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
        .any(|name| name.as_str().unwrap().ends_with("/FORBIDDEN"))
    {
        let refusal = json!({"__type": "AccessDeniedException", "message": "not this role"});
        return (StatusCode::BAD_REQUEST, Json(refusal));
    }
    let known = |name: &Value| {
        let name = name.as_str().unwrap();
        (!name.ends_with("/ABSENT")).then(|| json!({"Name": name, "Value": format!("of {name}")}))
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
        .env("SWITCHYARD_PARAMETERS", "/switchyard/test")
        .env("N3", "from the environment")
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
    let vars = switchyard_kit::environment();
    let Some(part) = vars.get(PART).cloned() else {
        return;
    };
    let aws = Clients::from_vars(&vars);
    let names = match part.as_str() {
        "many" => vec![
            "N0", "N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "N9", "N10", "N11", "ABSENT",
        ],
        _ => vec!["FORBIDDEN"],
    };
    let settings = Settings::load(vars, &aws, &names).await;
    let mut read = settings.reader();
    let values: HashMap<&str, Option<String>> = names
        .iter()
        .map(|name| {
            (
                *name,
                read.secret(name)
                    .map(|value| value.expose_secret().to_owned()),
            )
        })
        .collect();
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
    assert_eq!(report["values"]["N0"], "of /switchyard/test/N0", "{report}");
    assert_eq!(report["values"]["N11"], "of /switchyard/test/N11");
    assert_eq!(report["values"]["N3"], "from the environment");
    assert_eq!(report["values"]["ABSENT"], Value::Null);
    let wrong = report["wrong"].as_str().unwrap();
    assert!(
        wrong.starts_with("1 setting(s)") && wrong.contains("ABSENT: it is missing"),
        "{wrong}"
    );
    let seen = seen.lock().unwrap();
    let counts: Vec<usize> = seen
        .iter()
        .map(|(_, body)| body["Names"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [10, 2]);
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
        wrong.contains("ssm:GetParameters on /switchyard/test/{FORBIDDEN}"),
        "{wrong}"
    );
}

//! Exporting, to endpoints that answer and that do not.

#![cfg(test)]

use std::{
    collections::{HashMap, VecDeque},
    fs::File,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use switchyard_telemetry::{
    Bytes, DETAIL, Endpoint, HttpClient, HttpError, Output, Request, Response, Setup,
};
use tracing::{field::Empty, info_span};

#[derive(Clone, Copy, Debug)]
enum Answer {
    Taken,
    Refused,
    Never,
}

/// Answers as it was told to, and keeps what it was sent.
#[derive(Debug)]
struct Scripted {
    answers: Mutex<VecDeque<Answer>>,
    sent: Mutex<Vec<(String, usize)>>,
}

#[async_trait]
impl HttpClient for Scripted {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = (request.uri().to_string(), request.body().len());
        self.sent.lock().unwrap().push(sent);
        let answer = self.answers.lock().unwrap().pop_front().unwrap();
        let status = match answer {
            Answer::Taken => 200,
            Answer::Refused => 503,
            Answer::Never => std::future::pending().await,
        };
        Ok(Response::builder().status(status).body(Bytes::new())?)
    }
}

#[tokio::test(start_paused = true)]
async fn telemetry_does_not_get_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let client = Arc::new(Scripted {
        answers: Mutex::new([Answer::Taken, Answer::Refused, Answer::Never].into()),
        sent: Mutex::default(),
    });
    let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
    let vars = HashMap::from([(base.0.to_owned(), base.1.to_owned())]);
    let endpoint = Endpoint::from_vars(&vars).unwrap().unwrap();
    let output = Output::File(File::create(&path).unwrap());
    let setup = Setup {
        export: Some((endpoint, client.clone())),
        ..Setup::json("api", "test", output)
    };
    let telemetry = setup.start();
    assert!(telemetry.exports());
    telemetry.flush().await;
    assert_eq!(
        client.sent.lock().unwrap().len(),
        0,
        "there was nothing to say"
    );

    let request = || {
        info_span!("request", trace.id = Empty).in_scope(|| {
            info_span!(target: DETAIL, "call").in_scope(|| ());
        });
    };
    for _ in 0..3 {
        request();
        telemetry.flush().await;
    }
    let sent = client.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 3, "each is tried once");
    assert!(
        sent.iter()
            .all(|(url, bytes)| url == "http://collector:4318/v1/traces" && *bytes > 0)
    );

    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let lost: Vec<_> = lines
        .iter()
        .filter(|line| line["level"] == "WARN")
        .collect();
    assert_eq!(lost.len(), 2, "{text}");
    assert!(lost.iter().all(|line| line["spans"] == 2));
    assert!(lost[1]["error"].as_str().unwrap().contains("in time"));
}

//! The guarded client itself.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    routing::get,
};
use futures_util::{StreamExt as _, stream};
use http::Method;
use secrecy::SecretString;
use switchyard_egress::{HttpClient, HttpError, HttpSettings, Refused, Request, SetupError};
use tokio::{net::TcpListener, sync::Notify};
use url::Url;

use testkit::scripted::{Server, answer, http, serve};

fn fetch(url: &str) -> Request {
    Request::new(Method::GET, url.parse().unwrap())
}

#[tokio::test]
async fn a_trusted_origin_is_reached_with_what_the_request_says() {
    let server = Server::start([answer("POST /a?b=c", 202, "done").header("x-y", "z")]).await;
    let token = SecretString::from("t0ken");
    let request = Request::new(Method::POST, server.url.join("/a?b=c").unwrap())
        .bearer(&token)
        .unwrap()
        .json(&[1, 2])
        .unwrap();
    assert!(!format!("{request:?}").contains("t0ken"));
    let response = http(&[&server.url]).send(request).await.unwrap();
    assert_eq!(
        (response.status.as_u16(), response.header("x-y")),
        (202, Some("z"))
    );
    assert_eq!(response.body, "done");
    let seen = server.seen().remove(0);
    assert_eq!((seen.bearer(), seen.body.as_str()), ("t0ken", "[1,2]"));
    assert!(
        seen.headers["user-agent"]
            .to_str()
            .unwrap()
            .starts_with("switchyard/")
    );
}

#[tokio::test]
async fn nothing_leaves_for_a_destination_that_is_refused() {
    let server = Server::start([]).await;
    let port = server.url.port().unwrap();
    let client = http(&[]);
    let refused = |error| match error {
        Err(HttpError::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    };
    let cases = [
        (server.url.to_string(), Refused::Scheme),
        (format!("https://127.0.0.1:{port}/"), Refused::Port),
        ("https://127.0.0.1/".to_owned(), Refused::Address),
        (
            "https://169.254.169.254/latest".to_owned(),
            Refused::Address,
        ),
        // A name is judged by what it resolves to.
        ("https://localhost/".to_owned(), Refused::Address),
    ];
    for (url, expected) in cases {
        assert_eq!(refused(client.send(fetch(&url)).await), expected, "{url}");
    }
    assert_eq!(server.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn a_redirection_is_an_answer_and_not_followed() {
    let server = Server::start([]).await;
    let elsewhere = server.url.join("/secret").unwrap();
    server.then([answer("GET /a", 302, "").header("location", &elsewhere)]);
    let url = server.url.join("/a").unwrap();
    let response = http(&[&server.url])
        .send(fetch(url.as_str()))
        .await
        .unwrap();
    assert_eq!(response.status, 302);
    assert_eq!(server.lines(), ["GET /a"]);
}

#[tokio::test]
async fn a_long_body_is_cut_off_whether_announced_or_not() {
    let endless = || async {
        let chunk = Bytes::from_static(&[b'x'; 10_000]);
        Body::from_stream(stream::repeat(chunk).map(Ok::<_, std::io::Error>))
    };
    let announced = || async { "x".repeat(100_001) };
    let exact = || async { "x".repeat(100_000) };
    let url = serve(
        Router::new()
            .route("/endless", get(endless))
            .route("/announced", get(announced))
            .route("/exact", get(exact)),
    )
    .await;
    let client = http(&[&url]);
    for path in ["/endless", "/announced"] {
        let result = client.send(fetch(url.join(path).unwrap().as_str())).await;
        assert!(
            matches!(result, Err(HttpError::TooLarge { limit: 100_000 })),
            "{path}: {result:?}"
        );
    }
    let exact = client
        .send(fetch(url.join("/exact").unwrap().as_str()))
        .await
        .unwrap();
    assert_eq!(exact.body.len(), 100_000);
}

#[tokio::test]
async fn silence_ends_at_the_limit() {
    let never = Arc::new(Notify::new());
    let held = Arc::clone(&never);
    let silent = move || async move { held.notified().await };
    let url = serve(Router::new().route("/", get(silent))).await;
    let request = fetch(url.as_str()).timeout(Duration::from_millis(50));
    let error = http(&[&url]).send(request).await.unwrap_err();
    assert!(matches!(error, HttpError::TimedOut), "{error:?}");
    assert!(error.is_transient());
    never.notify_waiters();
}

#[tokio::test]
async fn nobody_there_and_nonsense_are_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}", closed.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(closed);
    let error = http(&[&url]).send(fetch(url.as_str())).await.unwrap_err();
    assert!(matches!(error, HttpError::Unreachable(_)), "{error:?}");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let garbage = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        stream.writable().await.unwrap();
        stream.try_write(b"lorem ipsum dolor\r\n\r\n").unwrap();
    });
    let error = http(&[&url]).send(fetch(url.as_str())).await.unwrap_err();
    assert!(matches!(error, HttpError::Broken(_)), "{error:?}");
    assert!(error.is_transient());
    garbage.await.unwrap();
}

#[tokio::test]
async fn what_has_no_valid_form_is_not_sent() {
    let secret = SecretString::from("line\nbreak");
    let request = fetch("https://api.github.com/").bearer(&secret);
    assert!(matches!(request, Err(HttpError::Unsendable)));
    assert!(HttpClient::new(&HttpSettings::new(Vec::new())).is_ok());
}

#[tokio::test]
async fn the_operators_proxy_is_on_the_way_and_asked_for_the_whole_address() {
    let proxy = Server::start([answer("GET /a", 200, "by proxy")]).await;
    let origin: Url = "http://model.internal:81".parse().unwrap();
    let client = HttpClient::new(&HttpSettings {
        proxy: Some(proxy.url.clone()),
        ..HttpSettings::new(vec![origin.clone()])
    });
    let request = Request::new(Method::GET, origin.join("/a").unwrap());
    assert_eq!(
        client.unwrap().send(request).await.unwrap().body,
        "by proxy"
    );
    assert_eq!(proxy.seen()[0].headers["host"], "model.internal:81");
}

#[test]
fn authorities_that_are_none_are_refused() {
    for pem in [
        &b"nonsense"[..],
        b"",
        b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    ] {
        let made = HttpClient::new(&HttpSettings {
            authorities: Some(pem.to_vec()),
            ..HttpSettings::new(Vec::new())
        });
        assert!(matches!(made, Err(SetupError::Authorities)), "{made:?}");
    }
}

//! The page on this machine: the form, and where the browser returns with a code.

use std::{future::IntoFuture as _, io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};
use url::Url;

use super::Form;

/// Where the browser returns to.
const BACK: &str = "/registered";
/// How long a browser may take for its last answer.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A browser that returned with a code; it waits for what to show.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) code: String,
    pub(crate) answer: oneshot::Sender<Note>,
}

/// What a browser is shown at the end.
#[derive(Debug, Template)]
#[template(path = "note.html")]
pub(crate) struct Note {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) link: Option<String>,
}

/// An address on this machine that nobody serves yet.
#[derive(Debug)]
pub(crate) struct Page {
    listener: TcpListener,
    address: SocketAddr,
}

struct Served {
    form: Form,
    state: String,
    policy: String,
    host: String,
    visits: mpsc::Sender<Visit>,
}

#[derive(Deserialize)]
struct Return {
    code: Option<String>,
    state: Option<String>,
}

impl Page {
    pub(crate) async fn open(listen: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(listen).await;
        let listener = listener.with_context(|| {
            format!("{listen} cannot be listened on; name another port with --listen")
        })?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// What a person opens.
    pub(crate) fn link(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Where GitHub sends the browser back to.
    pub(crate) fn back(&self) -> String {
        format!("http://{}{BACK}", self.address)
    }

    /// Serves the form in the background, and gives those who return with `state` and a code.
    pub(crate) fn serve(self, form: Form, state: String, web: &Url) -> Visits {
        let (visits, coming) = mpsc::channel(1);
        let (stop, stopped) = oneshot::channel::<()>();
        let served = Served {
            form,
            state,
            policy: format!(
                "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {}",
                web.origin().ascii_serialization()
            ),
            host: self.address.to_string(),
            visits,
        };
        let router = Router::new()
            .route("/", get(show))
            .route(BACK, get(returned))
            .with_state(Arc::new(served));
        let serving = axum::serve(self.listener, router).with_graceful_shutdown(async {
            // The sender that is gone says the same.
            stopped.await.ok();
        });
        Visits {
            coming,
            stop,
            served: tokio::spawn(serving.into_future()),
        }
    }
}

/// The page while it is served.
#[derive(Debug)]
pub(crate) struct Visits {
    coming: mpsc::Receiver<Visit>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<io::Result<()>>,
}

impl Visits {
    /// Whoever comes back next; none if the page is gone.
    pub(crate) async fn next(&mut self) -> Option<Visit> {
        self.coming.recv().await
    }

    /// Ends the page once the browser has what it was answered, which a process that ended at once would cut off.
    pub(crate) async fn close(self) {
        drop(self.coming);
        drop(self.stop);
        timeout(LAST_WORDS, self.served).await.ok();
    }
}

async fn show(State(page): State<Arc<Served>>, headers: HeaderMap) -> Response {
    if !page.is_meant(&headers) {
        return page.note(StatusCode::FORBIDDEN, &elsewhere());
    }
    page.render(StatusCode::OK, &page.form)
}

async fn returned(
    State(page): State<Arc<Served>>,
    headers: HeaderMap,
    Query(back): Query<Return>,
) -> Response {
    // Whoever else makes a browser come here would have an app of theirs stored.
    if !page.is_meant(&headers) || back.state.as_deref() != Some(&page.state) {
        return page.note(StatusCode::FORBIDDEN, &elsewhere());
    }
    let Some(code) = back.code.filter(|code| !code.is_empty()) else {
        let text = "GitHub sent no code. Go back and try again.".to_owned();
        return page.note(StatusCode::BAD_REQUEST, &Note::plain("No app yet", text));
    };
    let (answer, shown) = oneshot::channel();
    let told = page.visits.send(Visit { code, answer }).await.is_ok();
    match shown.await {
        Ok(note) if told => page.note(StatusCode::OK, &note),
        _ => {
            let text = "This program has ended. Its last lines say why.".to_owned();
            page.note(StatusCode::GONE, &Note::plain("Too late", text))
        }
    }
}

fn elsewhere() -> Note {
    let text = "This did not start on the page of this program. Open the link that it printed.";
    Note::plain("Not accepted", text.to_owned())
}

impl Note {
    pub(crate) fn plain(title: &str, text: String) -> Self {
        Self {
            title: title.to_owned(),
            text,
            link: None,
        }
    }
}

impl Served {
    /// Another name for this address may belong to another site in the same browser.
    fn is_meant(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).map(HeaderValue::as_bytes);
        host == Some(self.host.as_bytes())
    }

    fn note(&self, status: StatusCode, note: &Note) -> Response {
        self.render(status, note)
    }

    fn render(&self, status: StatusCode, view: &impl Template) -> Response {
        let Ok(text) = view.render() else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut response = (status, Html(text)).into_response();
        let headers = response.headers_mut();
        if let Ok(policy) = HeaderValue::from_str(&self.policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

//! The list of repositories.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::look;
use crate::hub::Hub;
use crate::state::repositories;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    repositories: Vec<Row>,
}

struct Row {
    full_name: String,
    private: bool,
}

/// `GET /`
pub(super) async fn show(State(hub): State<Arc<Hub>>) -> Response {
    let all = hub.read(|act| repositories::all(act.db)).await;
    look::page(all.map(|all| {
        Home {
            repositories: all
                .iter()
                .map(|one| Row {
                    full_name: one.full_name(),
                    private: one.private,
                })
                .collect(),
        }
    }))
}

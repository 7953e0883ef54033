//! What a token may do, route by route.

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use switchyard_simgithub::Permission;

use crate::support::{REPO, World};

/// Method, path, a body that would be good, and the permission that is needed.
type Route = (Method, String, Value, &'static str, &'static str);

async fn routes(world: &World) -> Vec<Route> {
    let number = world
        .sim
        .open_issue(REPO, "ann", "t", "b")
        .await
        .expect("issue");
    let id = world
        .sim
        .comment(REPO, number, "tester[bot]", "hello")
        .await
        .expect("comment");
    let mut routes = reading(number, id);
    routes.extend(writing(number, id));
    routes
}

fn reading(number: u64, id: u64) -> Vec<Route> {
    let paths = [
        (format!("issues/{number}"), "issues"),
        (format!("issues/{number}/comments"), "issues"),
        (format!("issues/comments/{id}"), "issues"),
        (format!("issues/comments/{id}/reactions"), "issues"),
        (format!("issues/{number}/labels"), "issues"),
        ("pulls".to_owned(), "pull_requests"),
        ("git/ref/heads/main".to_owned(), "contents"),
        ("branches/main".to_owned(), "contents"),
    ];
    let route = |(tail, permission)| {
        (
            Method::GET,
            format!("/repos/{REPO}/{tail}"),
            Value::Null,
            permission,
            "read",
        )
    };
    paths.into_iter().map(route).collect()
}

fn writing(number: u64, id: u64) -> Vec<Route> {
    let (comment, issue) = (format!("issues/comments/{id}"), format!("issues/{number}"));
    let eyes = json!({"content": "eyes"});
    let pull = json!({"title": "t", "head": "main", "base": "main"});
    let requests = [
        (
            Method::POST,
            format!("{issue}/comments"),
            json!({"body": "x"}),
            "issues",
        ),
        (
            Method::PATCH,
            comment.clone(),
            json!({"body": "y"}),
            "issues",
        ),
        (
            Method::POST,
            format!("{comment}/reactions"),
            eyes.clone(),
            "issues",
        ),
        (Method::POST, format!("{issue}/reactions"), eyes, "issues"),
        (
            Method::POST,
            format!("{issue}/labels"),
            json!({"labels": ["x"]}),
            "issues",
        ),
        (Method::PATCH, issue, json!({"title": "u"}), "issues"),
        (
            Method::POST,
            "issues".to_owned(),
            json!({"title": "new"}),
            "issues",
        ),
        (Method::POST, "pulls".to_owned(), pull, "pull_requests"),
        (Method::DELETE, comment, Value::Null, "issues"),
    ];
    let route = |(method, tail, body, permission)| {
        (
            method,
            format!("/repos/{REPO}/{tail}"),
            body,
            permission,
            "write",
        )
    };
    requests.into_iter().map(route).collect()
}

#[tokio::test]
async fn each_route_needs_its_permission_and_its_repository() {
    let world = World::start().await;
    world
        .sim
        .create_repository("octo", "other", &[("a", "b")])
        .await
        .expect("repository");
    let foreign = world
        .sim
        .mint_token(world.installation().await, Some(&["other"]), None)
        .await
        .expect("token");
    let none = world.token(&[("checks", "write")]).await;
    for (method, path, body, permission, level) in routes(&world).await {
        let what = format!("{method} {path}");
        let call = async |token: &str| world.call(method.clone(), &path, token, body.clone()).await;
        assert_eq!(
            call(foreign.expose_secret()).await.status,
            404,
            "{what} elsewhere"
        );
        let refused = call(&none).await;
        assert_eq!(refused.status, 403, "{what} without");
        assert_eq!(refused.message(), "Resource not accessible by integration");
        if level == "write" {
            let reader = world.token(&[(permission, "read")]).await;
            assert_eq!(call(&reader).await.status, 403, "{what} with read");
        }
        let allowed = call(&world.token(&[(permission, level)]).await)
            .await
            .status;
        assert!(
            matches!(allowed, 200 | 201 | 204 | 422),
            "{what}: {allowed}"
        );
        let without = call("").await.status;
        assert!(matches!(without, 401 | 404), "{what} anonymous: {without}");
        let missing = path.replace("octo/demo", "octo/absent");
        let answer = world
            .call(method.clone(), &missing, &none, body.clone())
            .await;
        assert_eq!(answer.status, 404, "{what} absent");
        let app = call(&world.jwt()).await.status;
        assert_eq!(app, 403, "{what} as the app itself");
    }
}

#[tokio::test]
async fn a_repository_taken_out_of_the_installation_is_not_found() {
    let world = World::start().await;
    let token = world.full_token().await;
    world.sim.set_installed(REPO, false).await.expect("set");
    assert_eq!(world.get("/repos/octo/demo", &token).await.status, 404);
    assert_eq!(
        world
            .get("/repos/octo/demo/installation", &world.jwt())
            .await
            .status,
        404
    );
    world.sim.set_installed(REPO, true).await.expect("set");
    assert_eq!(world.get("/repos/octo/demo", &token).await.status, 200);
    let found = world
        .get("/repos/octo/demo/installation", &world.jwt())
        .await;
    assert_eq!(found.body["id"], world.installation().await);
}

#[tokio::test]
async fn a_public_repository_can_be_read_without_credentials_but_not_written() {
    let world = World::start().await;
    assert_eq!(world.get("/repos/octo/demo", "").await.status, 404);
    world.sim.set_private(REPO, false).await.expect("set");
    assert_eq!(world.get("/repos/octo/demo", "").await.status, 200);
    world
        .sim
        .open_issue(REPO, "ann", "t", "b")
        .await
        .expect("issue");
    let path = "/repos/octo/demo/issues/1/comments";
    assert_eq!(world.post(path, "", json!({"body": "x"})).await.status, 401);
}

#[tokio::test]
async fn the_permission_of_a_person_is_told() {
    let world = World::start().await;
    let token = world.token(&[("metadata", "read")]).await;
    let ask = async |login: &str| {
        let path = format!("/repos/octo/demo/collaborators/{login}/permission");
        let answer = world.get(&path, &token).await;
        (
            answer.status,
            answer.body["permission"].clone(),
            answer.body["role_name"].clone(),
        )
    };
    assert_eq!(ask("octo").await, (200, json!("admin"), json!("admin")));
    assert_eq!(ask("ann").await, (200, json!("none"), json!("none")));
    world
        .sim
        .set_permission(REPO, "ann", Permission::Maintain)
        .await
        .expect("set");
    assert_eq!(ask("ann").await, (200, json!("write"), json!("maintain")));
    world
        .sim
        .set_permission(REPO, "ann", Permission::None)
        .await
        .expect("set");
    world.sim.set_private(REPO, false).await.expect("set");
    assert_eq!(ask("ann").await.1, json!("read"));
    assert_eq!(ask("nobody").await.0, 404);
}

//! The pages a person sees.

use crate::support::{REPO, World};

const ATTACK: &str = "<script>alert('x')</script> & \"quotes\"";

#[tokio::test]
async fn nothing_that_people_write_becomes_markup() {
    let world = World::start().await;
    world
        .sim
        .open_issue(REPO, "ann", ATTACK, ATTACK)
        .await
        .expect("issue");
    world
        .sim
        .comment(REPO, 1, "ann", ATTACK)
        .await
        .expect("comment");
    world
        .sim
        .add_label(REPO, 1, "ann", "<b>label</b>")
        .await
        .expect("label");
    world
        .sim
        .push(REPO, "one", "ann", ATTACK, &[("<i>.html", ATTACK)])
        .await
        .expect("push");
    let token = world.full_token().await;
    let wish = serde_json::json!({"title": ATTACK, "body": ATTACK, "head": "one", "base": "main"});
    assert_eq!(
        world
            .post("/repos/octo/demo/pulls", &token, wish)
            .await
            .status,
        201
    );
    for path in [
        "/octo/demo",
        "/octo/demo/issues/1",
        "/octo/demo/pull/2",
        "/octo/demo/issues/1/timeline",
    ] {
        let (status, _, text) = world.page(path).await;
        assert_eq!(status, 200, "{path}");
        for markup in ["<script>alert", "<b>label", "<i>.html"] {
            assert!(!text.contains(markup), "{markup} in {path}");
        }
        let escaped = text.contains("&lt;script&gt;") || text.contains("&#60;script&#62;");
        assert!(escaped, "{path} shows it as text");
    }
}

#[tokio::test]
async fn pages_have_a_strict_policy_that_allows_what_is_on_them() {
    let world = World::start().await;
    let (_, headers, text) = world.page("/").await;
    let policy = headers["content-security-policy"].to_str().expect("policy");
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    for (open, close, directive) in [
        ("<style>", "</style>", "style-src"),
        ("<script>", "</script>", "script-src"),
    ] {
        let inside = text
            .split_once(open)
            .and_then(|(_, rest)| rest.split_once(close))
            .expect("tag")
            .0;
        let digest = ring::digest::digest(&ring::digest::SHA256, inside.as_bytes());
        let digest = data_encoding::BASE64.encode(digest.as_ref());
        assert!(
            policy.contains(&format!("{directive} 'sha256-{digest}'")),
            "{policy}"
        );
    }
    assert!(
        !text.contains("http://") && !text.contains("https://"),
        "nothing comes from elsewhere"
    );
}

#[tokio::test]
async fn everything_is_reached_by_clicking() {
    let world = World::start().await;
    world
        .sim
        .open_issue(REPO, "ann", "Broken", "It **fails**.")
        .await
        .expect("issue");
    let id = world
        .sim
        .comment(REPO, 1, "ann", "see <!-- hidden --> this")
        .await
        .expect("comment");
    let token = world.full_token().await;
    let eyes = serde_json::json!({"content": "eyes"});
    world
        .post(
            &format!("/repos/octo/demo/issues/comments/{id}/reactions"),
            &token,
            eyes,
        )
        .await;
    assert!(world.page("/").await.2.contains("href=\"/octo/demo\""));
    let (_, _, overview) = world.page("/octo/demo").await;
    assert!(overview.contains("href=\"/octo/demo/issues/1\"") && overview.contains("README.md"));
    let (_, _, issue) = world.page("/octo/demo/issues/1").await;
    assert!(
        issue.contains("<strong>fails</strong>") && issue.contains("👀 1"),
        "{issue}"
    );
    assert!(!issue.contains("hidden"));
    let (_, _, file) = world.page("/octo/demo/blob/main/README.md").await;
    assert!(file.contains("# demo"));
    world
        .sim
        .push(REPO, "one", "ann", "Fix", &[("fix.txt", "fixed")])
        .await
        .expect("push");
    let wish = serde_json::json!({"title": "Fix", "head": "one", "base": "main", "draft": true});
    world.post("/repos/octo/demo/pulls", &token, wish).await;
    let (_, _, pull) = world.page("/octo/demo/pull/2").await;
    assert!(pull.contains("draft") && pull.contains("+fixed"), "{pull}");
    for path in [
        "/octo/absent",
        "/octo/demo/issues/99",
        "/octo/demo/pull/1",
        "/a/b/c/d/e",
    ] {
        assert_eq!(world.page(path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn nothing_answers_to_the_name_of_another_site() {
    let world = World::start().await;
    for path in [
        "/",
        "/octo/demo",
        "/api/v3/meta",
        "/octo/demo.git/info/refs?service=git-upload-pack",
    ] {
        for (host, refused) in [
            ("attacker.example:8788", true),
            ("localhost:8788", false),
            ("[::1]", false),
        ] {
            let url = world.sim.base_url().join(path).expect("url");
            let asked = world.client.get(url).header("host", host);
            let answer = asked.send().await.expect("an answer");
            assert_eq!(answer.status() == 421, refused, "{host} {path}");
        }
    }
}

#[tokio::test]
async fn the_forms_act_as_the_chosen_person() {
    let world = World::start().await;
    let send = async |path: &str, site: &str, fields: &[(&str, &str)]| {
        let url = world.sim.base_url().join(path).expect("url");
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = world
            .client
            .post(url)
            .header("sec-fetch-site", site)
            .body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = request.send().await.expect("answer");
        (response.status().as_u16(), response.url().path().to_owned())
    };
    let fields = [
        ("author", "ann"),
        ("title", "From a form"),
        ("body", "one\r\ntwo"),
    ];
    let opened = send("/octo/demo/issues", "same-origin", &fields).await;
    assert_eq!(opened, (200, "/octo/demo/issues/1".to_owned()));
    let issue = world.sim.issue(REPO, 1).await.expect("issue");
    assert_eq!(
        (issue.author.login.as_str(), issue.body.as_deref()),
        ("ann", Some("one\ntwo"))
    );
    let fields = [("author", "ann"), ("body", "bot:implement")];
    let path = "/octo/demo/issues/1/comments";
    assert_eq!(send(path, "same-origin", &fields).await.0, 200);
    assert_eq!(send(path, "cross-site", &fields).await.0, 403);
    assert_eq!(
        send(path, "same-origin", &[("author", "nobody"), ("body", "x")])
            .await
            .0,
        404
    );
    assert_eq!(
        send(
            "/octo/demo/issues/1/labels",
            "none",
            &[("author", "ann"), ("name", "bug")]
        )
        .await
        .0,
        200
    );
    assert_eq!(
        world.sim.comments(REPO, 1).await.expect("comments").len(),
        1
    );
    let events: Vec<String> = world
        .sim
        .deliveries()
        .await
        .expect("deliveries")
        .into_iter()
        .map(|one| one.event)
        .collect();
    assert_eq!(
        events,
        ["installation", "issues", "issue_comment", "issues"]
    );
    assert!(
        world
            .page("/octo/demo/issues/new")
            .await
            .2
            .contains("<option>ann</option>")
    );
}

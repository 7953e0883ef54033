//! What arrives at the front door, well or badly formed.

use aws_local::{AwsError, Fault};
use domain::Clock as _;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};
use simgithub::HookContentType;
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::{
    ingress_support::{COMES_AGAIN, DELIVERIES, Hook, eventually},
    support::{ADA, REPOSITORY, World},
};

const SIGNATURE: &str = "x-hub-signature-256";
/// The largest body of this form that is taken: an invocation's, without the marks that its four quotes get there.
const LIMIT: usize = contract::INVOCATION_LIMIT - 4;

/// The headers of `hook` with other signatures.
fn signed_with(hook: &Hook, signatures: &[&str]) -> HeaderMap {
    let mut headers = hook.headers("not the secret");
    headers.remove(SIGNATURE);
    for signature in signatures {
        headers.append(SIGNATURE, HeaderValue::from_str(signature).unwrap());
    }
    headers
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_sign_well_learns_nothing_and_leaves_nothing() {
    let world = World::quiet().await;
    let hook = world.unsent(ADA, "bot:implement").await;
    let good = simgithub::sign_sha256(world.secret().as_bytes(), &hook.body);
    let wrong = simgithub::sign_sha256(b"another secret", &hook.body);
    let old = simgithub::sign_sha1(world.secret().as_bytes(), &hook.body);
    let twice = format!("{good},{good}");
    let mut cases: Vec<(&str, Vec<&str>)> = vec![
        ("missing", vec![]),
        ("empty", vec![""]),
        ("wrong", vec![&wrong]),
        ("without its last digit", vec![&good[..good.len() - 1]]),
        ("half of it", vec![&good[..good.len() / 2]]),
        ("only the name of the algorithm", vec!["sha256="]),
        ("without the name of the algorithm", vec![&good[7..]]),
        ("of the older algorithm", vec![&old]),
        ("doubled", vec![&good, &good]),
        ("doubled, one of them wrong", vec![&good, &wrong]),
        ("joined as a gateway would", vec![&twice]),
    ];
    let caller = world.caller();
    let mut answers = Vec::new();
    for (case, signatures) in cases.drain(..) {
        let answer = caller
            .post(signed_with(&hook, &signatures), hook.body.clone())
            .await;
        answers.push((case, answer));
    }
    for place in [0, hook.body.len() / 2, hook.body.len() - 1] {
        let mut body = hook.body.clone();
        body[place] ^= 1;
        let answer = caller.post(signed_with(&hook, &[&good]), body).await;
        answers.push(("a changed byte", answer));
    }
    // Each answer names its own request, and is the same otherwise.
    let anonymous = |body: &str| {
        let mut problem: Value = serde_json::from_str(body).unwrap();
        problem["request_id"].take();
        problem
    };
    let first = anonymous(&answers[0].1.1);
    for (case, (status, body)) in answers {
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{case}");
        assert_eq!(anonymous(&body), first, "{case} must not be told apart");
    }
    assert_eq!(world.asked_of(DELIVERIES, "SendMessage"), 0);
    let counts = world.stack.endpoints().meter().counts();
    assert_eq!(counts.s3.get("PutObject"), None);

    assert_eq!(
        caller.deliver(&hook).await,
        StatusCode::ACCEPTED,
        "it was a good one all along"
    );
    world.has_started(&hook.guid, IMPLEMENT).await;
}

/// A signed body of exactly `size` bytes that cannot be compressed into a message.
fn huge(size: usize) -> Hook {
    let mut state = 1_u32;
    let mut block = String::new();
    // Compression looks back over less than this.
    while block.len() < 64 * 1024 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let sign = char::from(b'0' + u8::try_from(state >> 26).unwrap());
        // JSON would want a backslash escaped.
        block.push(if sign == '\\' { '~' } else { sign });
    }
    let mut text = r#"{"zen":""#.to_owned();
    text.push_str(&block.repeat(size / block.len() + 1));
    text.truncate(size - 2);
    text.push_str("\"}");
    Hook {
        guid: format!("huge-{size}"),
        event: "issue_comment".to_owned(),
        body: text.into_bytes(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_body_is_taken_and_one_byte_more_is_not() {
    let world = World::quiet().await;
    let caller = world.caller();
    let (largest, beyond) = (huge(LIMIT), huge(LIMIT + 1));
    assert_eq!(
        (largest.body.len(), beyond.body.len()),
        (LIMIT, LIMIT + 1),
        "exactly at the limit"
    );
    assert_eq!(caller.deliver(&beyond).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(world.asked_of(DELIVERIES, "SendMessage"), 0);
    assert_eq!(caller.deliver(&largest).await, StatusCode::ACCEPTED);
    let counts = world.stack.endpoints().meter().counts();
    assert_eq!(counts.s3.get("PutObject"), Some(&1), "by way of the bucket");

    world.queue_holds(DELIVERIES, 0, 0).await;
    let store = world.stack.store().unwrap();
    let key = world.delivery_key(&largest.guid);
    let found = store.delivery(&key, world.clock.now()).await.unwrap();
    assert!(
        found.is_none(),
        "it asks for nothing, and nobody will ask about it"
    );
    assert!(world.runs(IMPLEMENT).await.is_empty());
}

/// Text of as many characters as GitHub takes, which compression hardly shortens, in a script of 20,000 signs.
pub(crate) fn longest_text(first_line: &str) -> String {
    let mut state = 1_u32;
    let mut text = format!("{first_line}\n");
    for _ in text.chars().count()..65_536 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push(char::from_u32(0x4e00 + (state >> 8) % 20_000).unwrap());
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_in_a_huge_text_goes_by_way_of_the_bucket() {
    let mut world = World::quiet().await;
    let github = world.github();
    let text = longest_text("It is broken:");
    let opened = github.open_issue(REPOSITORY, ADA, "Long", &text);
    world.issue = opened.await.unwrap();
    let faults = world.stack.endpoints().faults();
    faults.add(Fault::refuse(
        "S3.GetObject",
        AwsError::new(403, "AccessDenied"),
    ));

    let hook = world.ask(ADA, &longest_text("bot:implement")).await;
    let counts = world.stack.endpoints().meter().counts();
    assert_eq!(counts.s3.get("PutObject"), Some(&1));
    world.all_struck().await;
    world.queue_holds(DELIVERIES, 0, 1).await;
    world.advance(COMES_AGAIN);
    world.has_started(&hook.guid, IMPLEMENT).await;
    world.bot_says("`implement` is queued").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_starts_a_run_too() {
    let world = World::settled().await;
    world.github().set_content_type(HookContentType::Form);
    let asked = world.comment(ADA, "bot:implement\n\n& more = 100 %").await;
    let guid = world.guid_of_comment(asked).await;
    world.has_started(&guid, IMPLEMENT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_taken_and_ignored() {
    let world = World::quiet().await;
    let hook = world.unsent(ADA, "bot:implement").await;
    let caller = world.caller();
    let unknown = Hook {
        event: "frobnication".to_owned(),
        ..hook.clone()
    };
    let headers = unknown.headers(&world.secret());
    let (status, answer) = caller.post(headers, unknown.body.clone()).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["ignored"], true);
    assert_eq!(
        world.asked_of(DELIVERIES, "SendMessage"),
        0,
        "it is of no use to anybody"
    );

    let mut document: Value = serde_json::from_slice(&hook.body).unwrap();
    document["action"] = json!("frobnicated");
    let unknown = Hook {
        guid: "unknown-action".to_owned(),
        ..hook.with_body(document.to_string())
    };
    assert_eq!(caller.deliver(&unknown).await, StatusCode::ACCEPTED);
    assert_eq!(world.asked_of(DELIVERIES, "SendMessage"), 0);
    assert!(world.runs(IMPLEMENT).await.is_empty());
    assert_eq!(caller.deliver(&hook).await, StatusCode::ACCEPTED);
    world.has_started(&hook.guid, IMPLEMENT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_out_of_reach_is_admitted_and_a_redelivery_works() {
    let world = World::settled().await;
    world.leaves("an error of switchyard_webhook::route");
    let faults = world.stack.endpoints().faults();
    // As often as the client tries by itself.
    faults.add(Fault::refuse("AmazonSQS.SendMessage", AwsError::internal()).times(3));
    let asked = world.comment(ADA, "bot:implement").await;
    let guid = world.guid_of_comment(asked).await;
    let answered = async || {
        let all = world.github().deliveries().await.unwrap();
        all.into_iter().find(|one| one.guid == guid)?.status_code
    };
    let status = eventually("the webhook is answered", answered).await;
    assert_eq!(status, 503);
    assert_eq!(faults.pending(), 0);
    assert_eq!(world.messages_in(DELIVERIES).await, (0, 0));
    assert_eq!(
        world.stack.endpoints().meter().counts().s3.get("PutObject"),
        None
    );
    assert!(world.runs(IMPLEMENT).await.is_empty());

    world.github().redeliver(&guid).await.unwrap();
    world.has_started(&guid, IMPLEMENT).await;
    world.bot_says("`implement` is queued").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_secrets_hold_while_one_takes_the_place_of_the_other() {
    let world = World::start_with(|config| {
        let name = "GITHUB_WEBHOOK_SECRET_PREVIOUS".to_owned();
        config.settings.insert(name, "the one before".to_owned());
    })
    .await
    .at_rest()
    .await;
    let first = world.unsent(ADA, "bot:implement").await;
    let caller = world.caller();
    for (secret, status) in [
        ("the one before that", StatusCode::UNAUTHORIZED),
        ("the one before", StatusCode::ACCEPTED),
    ] {
        let headers = first.headers(secret);
        assert_eq!(caller.post(headers, first.body.clone()).await.0, status);
    }
    world.has_started(&first.guid, IMPLEMENT).await;
    let second = world.ask(ADA, "bot:investigate").await;
    world.has_started(&second.guid, INVESTIGATE).await;
}

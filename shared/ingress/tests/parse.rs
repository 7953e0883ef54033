//! What deliveries mean.

use domain::{
    Command, CommitSha, InboundEvent, InstallationId, ItemKind, MessageId, RepositoryId,
    RequestTime, SenderKind, Vocabulary,
};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use switchyard_ingress::github::{
    ParseError, Source, asks_for_nothing, is_relevant, parse, source,
};
use testkit::{IMPLEMENT, INVESTIGATE};

fn vocabulary() -> Vocabulary {
    Vocabulary::new([IMPLEMENT, INVESTIGATE])
}

const WRITTEN: &str = "2026-11-02T09:14:31Z";
const CHANGED: &str = "2026-11-02T10:00:00Z";
const HEAD: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::MIN)
}

fn comment() -> Value {
    json!({
        "action": "created",
        "issue": {"number": 7, "title": "Fix it", "body": "Please", "labels": [{"name": "bug"}]},
        "comment": {
            "id": 5_000_000_001_u64,
            "body": "bot:implement",
            "created_at": WRITTEN,
            "updated_at": CHANGED,
            "performed_via_github_app": null,
        },
        "repository": {"id": 42, "name": "widgets", "owner": {"login": "octo-demo"}},
        "installation": {"id": 99, "node_id": "x"},
        "sender": {"login": "ada", "type": "User", "id": 1},
    })
}

fn labeled(item: &str) -> Value {
    json!({
        "action": "labeled",
        item: {
            "number": 8,
            "title": "Change it",
            "body": null,
            "created_at": WRITTEN,
            "updated_at": CHANGED,
            "head": {"sha": HEAD, "ref": "main"},
        },
        "label": {"name": "bot:investigate", "color": "ededed"},
        "repository": {"id": 42, "name": "widgets", "owner": {"login": "octo-demo"}},
        "installation": {"id": 99},
        "sender": {"login": "ada", "type": "User", "id": 1},
    })
}

fn kind_of(event: &str, document: &Value) -> Result<InboundEvent, ParseError> {
    parse(event, document.to_string().as_bytes())
}

#[test]
fn a_new_comment_is_a_comment() {
    let event = parse("issue_comment", comment().to_string().as_bytes()).unwrap();
    let InboundEvent::Comment(comment) = event else {
        panic!("{event:?}")
    };
    assert_eq!(comment.repository.to_string(), "octo-demo/widgets");
    assert_eq!(comment.item.id.to_string(), "42/7");
    assert_eq!(comment.item.kind, ItemKind::Issue);
    assert_eq!(
        (comment.item.title.as_str(), comment.item.body.as_str()),
        ("Fix it", "Please")
    );
    assert_eq!(comment.comment, MessageId::from(5_000_000_001));
    assert_eq!(
        (comment.text.now.as_str(), &comment.text.before),
        ("bot:implement", &None)
    );
    assert_eq!(
        comment.asked,
        Some(RequestTime::numbered(at(WRITTEN), 5_000_000_001))
    );
    assert_eq!(
        (comment.sender.account.to_string(), comment.sender.kind),
        ("ada".to_owned(), SenderKind::Person)
    );
    assert_eq!(comment.sender.account.account().number(), Some(1));
}

#[test]
fn a_comment_on_a_pull_request_says_so() {
    let mut document = comment();
    document["issue"]["pull_request"] = json!({"url": "x"});
    let Ok(InboundEvent::Comment(event)) = kind_of("issue_comment", &document) else {
        panic!()
    };
    assert_eq!(event.item.kind, ItemKind::PullRequest);
}

#[test]
fn programs_are_bots() {
    let bot_by = |change: fn(&mut Value)| {
        let mut document = comment();
        change(&mut document);
        match kind_of("issue_comment", &document) {
            Ok(InboundEvent::Comment(event)) => event.sender.kind == SenderKind::Bot,
            other => panic!("{other:?}"),
        }
    };
    assert!(!bot_by(|_| ()));
    assert!(bot_by(
        |d| d["comment"]["performed_via_github_app"] = json!({"id": 1})
    ));
    assert!(bot_by(
        |d| d["sender"] = json!({"id": 2, "login": "renovate[bot]", "type": "Bot"})
    ));
    assert!(bot_by(|d| d["sender"]["type"] = json!("Mannequin")));
    assert!(bot_by(|d| d["sender"]["type"] = Value::Null));
}

#[test]
fn labels_name_their_item() {
    for (event, item, kind) in [
        ("issues", "issue", ItemKind::Issue),
        ("pull_request", "pull_request", ItemKind::PullRequest),
    ] {
        let Ok(InboundEvent::Label(label)) = kind_of(event, &labeled(item)) else {
            panic!("{event}")
        };
        assert_eq!(label.label, "bot:investigate");
        assert_eq!(
            (label.item.id.to_string(), label.item.kind),
            ("42/8".to_owned(), kind)
        );
        assert_eq!(label.item.body, "");
        assert_eq!(label.asked, Some(RequestTime::of(at(CHANGED))));
        let head = label.item.head.as_ref().map(CommitSha::as_str);
        assert_eq!(head, Some(HEAD));
    }
    let mut deleted = labeled("issue");
    deleted.as_object_mut().unwrap().remove("label");
    assert_eq!(kind_of("issues", &deleted), Ok(InboundEvent::Other));
    let missing = ParseError::Field {
        path: "issue".to_owned(),
    };
    assert_eq!(kind_of("issues", &labeled("pull_request")), Err(missing));
}

#[test]
fn a_change_brings_what_was_not_there_before() {
    let command = |now: &str, before: Option<&str>| {
        let mut document = comment();
        document["action"] = json!("edited");
        document["comment"]["body"] = json!(now);
        if let Some(before) = before {
            document["changes"] = json!({"body": {"from": before}});
        }
        match kind_of("issue_comment", &document) {
            Ok(InboundEvent::Comment(event)) => {
                assert_eq!(event.asked, Some(RequestTime::of(at(CHANGED))));
                event.text.asked(&vocabulary()).command()
            }
            Ok(InboundEvent::Other) => None,
            other => panic!("{other:?}"),
        }
    };
    let implement = Some(Command::Start(IMPLEMENT));
    assert_eq!(command("bot:implement", Some("bot: implement")), implement);
    assert_eq!(command("bot:implement", Some("bot:investigate")), implement);
    assert_eq!(command("bot:implement", Some("")), implement);
    assert_eq!(
        command("bot:implement", Some("bot:implement\n\nPlease")),
        None
    );
    assert_eq!(command("Thanks", Some("bot:implement")), None);
    assert_eq!(
        command("bot:implement", None),
        None,
        "something else was changed"
    );
}

fn opened(event: &str, action: &str, body: &str) -> Result<InboundEvent, ParseError> {
    let item = if event == "issues" { "issue" } else { event };
    let mut document = labeled(item);
    document["action"] = json!(action);
    document[item]["body"] = json!(body);
    document["label"] = Value::Null;
    kind_of(event, &document)
}

#[test]
fn the_text_of_an_item_can_ask_too() {
    for (event, kind) in [
        ("issues", ItemKind::Issue),
        ("pull_request", ItemKind::PullRequest),
    ] {
        let Ok(InboundEvent::Text(event)) = opened(event, "opened", "Why?\n\nbot:investigate")
        else {
            panic!("{event}")
        };
        assert_eq!(event.item.kind, kind);
        assert_eq!(
            event.text.asked(&vocabulary()).command(),
            Some(Command::Start(INVESTIGATE))
        );
        assert_eq!(event.asked, Some(RequestTime::of(at(WRITTEN))));
        assert_eq!(event.sender.kind, SenderKind::Person);
    }
    assert_eq!(
        opened("issues", "edited", "bot:implement"),
        Ok(InboundEvent::Other)
    );
    assert_eq!(
        opened("issues", "closed", "bot:implement"),
        Ok(InboundEvent::Other)
    );
}

#[test]
fn a_document_says_where_it_comes_from_or_nothing() {
    let here = |document: &Value| source(document.to_string().as_bytes());
    let widgets = Source {
        installation: Some(InstallationId::from(99)),
        repository: Some(RepositoryId::from(42)),
    };
    assert_eq!(here(&comment()), widgets);
    let nowhere = Source {
        installation: None,
        repository: None,
    };
    for document in [
        json!({}),
        json!([]),
        json!({"installation": 5}),
        json!({"installation": {"id": -1}}),
    ] {
        assert_eq!(here(&document), nowhere, "{document}");
    }
    let without_place = Source {
        repository: None,
        ..widgets
    };
    for repository in [json!({"id": "x"}), json!(5), json!({})] {
        let document = json!({"installation": {"id": 99}, "repository": repository});
        assert_eq!(here(&document), without_place, "{document}");
    }
}

#[test]
fn what_is_unknown_is_other() {
    for (event, document) in [
        ("ping", json!({"zen": "Speak like a human."})),
        ("issue_comment", json!({"action": "deleted"})),
        (
            "issue_comment",
            json!({"action": "enchanted", "comment": 5}),
        ),
        ("issues", json!({"action": "transferred", "issue": {}})),
        ("pull_request", json!({"action": null})),
        (
            "brand_new_event",
            json!({"action": "created", "anything": [1, 2]}),
        ),
    ] {
        assert_eq!(
            kind_of(event, &document),
            Ok(InboundEvent::Other),
            "{event} {document}"
        );
    }
    let hook = parse("push", br#"{"installation":null}"#);
    assert_eq!(hook, Ok(InboundEvent::Other));
}

#[test]
fn what_is_broken_names_the_field_and_never_its_contents() {
    let path_of = |change: fn(&mut Value)| {
        let mut document = comment();
        change(&mut document);
        match kind_of("issue_comment", &document) {
            Err(ParseError::Field { path }) => path,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        path_of(|d| d["issue"]["number"] = json!("seven-secret")),
        "issue.number"
    );
    assert_eq!(
        path_of(|d| d["repository"]["owner"]["login"] = json!("a/b")),
        "repository.owner.login"
    );
    assert_eq!(
        path_of(|d| d["repository"]["name"] = json!("..")),
        "repository.name"
    );
    assert_eq!(path_of(|d| d["sender"]["id"] = json!(-1)), "sender.id");
    assert_eq!(path_of(|d| d["comment"] = Value::Null), "comment");
    for garbage in ["", "{", "nonsense", "{} {}", "\u{feff}{}"] {
        assert_eq!(
            parse("ping", garbage.as_bytes()),
            Err(ParseError::NotJson),
            "{garbage:?}"
        );
    }
}

#[test]
fn read_fields_appear_once_and_others_go_as_deep_as_they_like() {
    let twice = br#"{"action":"created","action":"deleted"}"#;
    assert_eq!(
        parse("issues", twice),
        Err(ParseError::Field {
            path: ".".to_owned()
        })
    );
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(parse("ping", deep.as_bytes()).unwrap(), InboundEvent::Other);
}

#[test]
fn only_three_events_matter() {
    for name in ["issue_comment", "issues", "pull_request"] {
        assert!(is_relevant(name));
    }
    for name in ["ping", "push", "Issues", "", "pull_request_review"] {
        assert!(!is_relevant(name), "{name}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_fall_over(bytes: Vec<u8>, event in "(issue_comment|issues|pull_request|ping)") {
        parse(&event, &bytes).ok();
    }

    #[test]
    fn no_document_cut_or_changed_makes_it_fall_over(cut: prop::sample::Index, byte: u8) {
        let mut bytes = comment().to_string().into_bytes();
        let place = cut.index(bytes.len());
        bytes[place] = byte;
        parse("issue_comment", &bytes).ok();
        prop_assert!(parse("issue_comment", &bytes[..place]).is_err());
    }
}

#[test]
fn only_what_can_ask_for_nothing_is_said_to() {
    let says = |event: &str, document: &Value| {
        let document = document.to_string();
        asks_for_nothing(event, document.as_bytes(), &vocabulary())
    };
    let changed = |pointer: &str, to: Value| {
        let mut document = comment();
        *document.pointer_mut(pointer).unwrap() = to;
        document
    };
    let bot = |body: &str| {
        let mut document = changed("/sender/type", json!("Bot"));
        document["comment"]["body"] = json!(body);
        document
    };
    let mut other_label = labeled("issue");
    other_label["label"]["name"] = json!("bug");
    for (expected, event, document) in [
        (true, "push", json!({})),
        (true, "issue_comment", bot("### is at work")),
        (true, "issue_comment", changed("/action", json!("edited"))),
        (true, "issues", other_label),
        (true, "issues", {
            let mut document = labeled("issue");
            document["action"] = json!("opened");
            document["issue"]["body"] = json!("It is broken.");
            document
        }),
        (false, "issues", {
            let mut document = labeled("issue");
            document["action"] = json!("opened");
            document["issue"]["body"] = json!("bot:implement");
            document
        }),
        (false, "issue_comment", comment()),
        (false, "issue_comment", bot("bot:implement")),
        (
            false,
            "issue_comment",
            changed("/comment/body", json!("Thanks!")),
        ),
        (
            false,
            "issue_comment",
            changed("/comment/id", json!("five")),
        ),
        (false, "issues", labeled("issue")),
        (false, "issues", json!("not an object")),
    ] {
        assert_eq!(says(event, &document), expected, "{event} {document}");
    }
    assert!(!asks_for_nothing("issues", b"not JSON", &vocabulary()));
}

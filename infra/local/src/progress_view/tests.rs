//! The view, as it stands in the terminal.

use domain::Stage;
use jiff::{SignedDuration, Timestamp};

use super::{
    Milestone, ProgressView, Ready, Style,
    layout::{Sign, View, wrap},
};

const START: Timestamp = Timestamp::UNIX_EPOCH;

fn told_at(milestone: &Milestone, millis: i64, style: Style) -> String {
    let mut out = Vec::new();
    let at = START + SignedDuration::from_millis(millis);
    ProgressView::new(&mut out, style, START)
        .tell(milestone, at)
        .unwrap();
    String::from_utf8(out).unwrap()
}

fn told(milestone: &Milestone) -> String {
    told_at(milestone, 1_234, Style::Plain)
}

fn step(text: &str) -> Milestone {
    Milestone::Step {
        stage: Stage::Working,
        text: text.to_owned(),
    }
}

fn ready() -> Ready {
    Ready {
        github: "http://127.0.0.1:8788/".to_owned(),
        issue: "http://127.0.0.1:8788/octo-demo/widgets/issues/1".to_owned(),
        api: "http://127.0.0.1:8789/".to_owned(),
        webhook: "http://127.0.0.1:8787/webhooks/github".to_owned(),
        secret: "It's a Secret to Everybody".to_owned().into(),
        state: "/home/ada/.switchyard".to_owned(),
        trigger: "comment `bot:investigate`".to_owned(),
        agent: "python3 agent/agent.py".to_owned(),
    }
}

/// A run from its repository to its last comment.
fn a_run() -> Vec<Milestone> {
    let page = "http://127.0.0.1:8788/octo-demo/widgets";
    vec![
        Milestone::RepositoryCreated {
            name: "octo-demo/widgets".to_owned(),
            url: page.to_owned(),
        },
        Milestone::IssueOpened {
            number: 1,
            title: "Ten widgets are sold without the discount".to_owned(),
            url: format!("{page}/issues/1"),
        },
        Milestone::CommentWritten {
            author: "ada".to_owned(),
            text: "bot:implement".to_owned(),
            url: format!("{page}/issues/1#issuecomment-1"),
        },
        Milestone::DeliveryVerified {
            delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958".to_owned(),
            event: "issue_comment".to_owned(),
            status_code: 202,
            millis: 12,
        },
        Milestone::Decision {
            steps: vec![
                (
                    "matched".to_owned(),
                    "the comment says bot:implement".to_owned(),
                ),
                ("permitted".to_owned(), "ada may write".to_owned()),
            ],
            verdict: "starts a run".to_owned(),
        },
        Milestone::JobQueued {
            run: "run_01".to_owned(),
            job: "job_01".to_owned(),
        },
        Milestone::Claimed {
            daemon: "dmn_01".to_owned(),
            attempt: 1,
        },
        Milestone::Step {
            stage: Stage::Cloning,
            text: "octo-demo/widgets".to_owned(),
        },
        Milestone::PullRequestOpened {
            number: 2,
            title: None,
            branch: "switchyard/issue-1".to_owned(),
            url: Some(format!("{page}/pull/2")),
        },
        Milestone::Finished {
            outcome: "succeeded".to_owned(),
            duration: SignedDuration::from_millis(4_870),
        },
        Milestone::CommentFinished {
            url: None,
            state: "succeeded".to_owned(),
        },
    ]
}

#[test]
fn a_run_reads_from_top_to_bottom() {
    let milestones = a_run();
    let view: String = (0_i64..)
        .zip(&milestones)
        .map(|(index, milestone)| told_at(milestone, index * 700, Style::Plain))
        .collect();
    let expected = "
 00:00.0  > repository    octo-demo/widgets
            http://127.0.0.1:8788/octo-demo/widgets
 00:00.7  > issue         #1 Ten widgets are sold without the discount
            http://127.0.0.1:8788/octo-demo/widgets/issues/1
 00:01.4  > comment       ada: bot:implement
            http://127.0.0.1:8788/octo-demo/widgets/issues/1#issuecomment-1
 00:02.1  ✓ webhook       issue_comment verified and kept: 202 after 12 ms
            - delivery  72d3162e-cc78-11e3-81ab-4c9367dc0958
 00:02.8  • decision      starts a run
            - matched    the comment says bot:implement
            - permitted  ada may write
 00:03.5  • queue         a job waits for a daemon
            - run  run_01
            - job  job_01
 00:04.2  • daemon        dmn_01 takes the job
 00:04.9  · cloning       octo-demo/widgets
 00:05.6  ✓ pull request  #2 a draft, from switchyard/issue-1
            http://127.0.0.1:8788/octo-demo/widgets/pull/2
 00:06.3  ✓ run           succeeded after 4.8 s
 00:07.0  ✓ comment       the tracking comment says: succeeded
";
    assert_eq!(format!("\n{view}"), expected);
}

#[test]
fn what_did_not_go_well_is_told_with_its_reason() {
    let finished = |outcome: &str, seconds| Milestone::Finished {
        outcome: outcome.to_owned(),
        duration: SignedDuration::from_secs(seconds),
    };
    let failed = finished("failed: The agent is not installed. Install it.", 125);
    assert_eq!(
        told(&failed),
        " 00:01.2  ✗ run           failed after 2 min 05 s: The agent is not installed.\n\
         \x20                         Install it.\n"
    );
    assert_eq!(
        told(&finished("stopped", 1)),
        " 00:01.2  ✗ run           stopped after 1.0 s\n"
    );
    let refused = Milestone::DeliveryVerified {
        delivery: "1".to_owned(),
        event: "issues".to_owned(),
        status_code: 401,
        millis: 3,
    };
    let told_refused = told(&refused);
    assert!(
        told_refused.starts_with(" 00:01.2  ✗ webhook       issues not taken: 401 after 3 ms\n")
    );
    let again = Milestone::Claimed {
        daemon: "dmn_01".to_owned(),
        attempt: 2,
    };
    assert!(told(&again).ends_with("dmn_01 takes the job (attempt 2)\n"));
}

#[test]
fn no_line_but_a_link_is_wider_than_a_narrow_terminal() {
    let words = "many words that go on ".repeat(12);
    let milestones = [
        step(&words),
        step(&"x".repeat(300)),
        Milestone::Decision {
            steps: vec![("matched".to_owned(), words)],
            verdict: "y".repeat(99),
        },
    ];
    for milestone in &milestones {
        let text = told(milestone);
        assert!(text.lines().count() > 2);
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert_eq!(line, line.trim_end());
        }
    }
    let url = format!("http://127.0.0.1:8788/{}", "x".repeat(99));
    let long = Milestone::RepositoryCreated {
        name: "a/b".to_owned(),
        url: url.clone(),
    };
    assert!(told(&long).ends_with(&format!("            {url}\n")));
}

#[test]
fn nothing_from_outside_steers_the_terminal() {
    let evil = "a\u{1b}[2J\u{1b}]0;title\u{7}b\r\nc\u{9b}31m\u{202e}d\u{200b}\u{7f}\u{e0041}";
    let safe = "a[2J]0;titleb c31md";
    assert_eq!(
        told(&step(evil)),
        format!(" 00:01.2  · working       {safe}\n")
    );

    let evil = evil.to_owned();
    let list = vec![(evil.clone(), evil.clone())];
    let view = View::new(Sign::Work, &evil, &evil)
        .list(&list)
        .link(Some(&evil));
    let text = view.text(Style::Plain, SignedDuration::ZERO);
    assert_eq!(text.matches(safe).count(), 5, "{text}");
    assert_eq!(
        text.chars()
            .filter(|c| c.is_control() && *c != '\n')
            .count(),
        0
    );

    let mut out = Vec::new();
    let mut view = ProgressView::new(&mut out, Style::Plain, START);
    view.ready(&Ready {
        trigger: evil.clone(),
        agent: evil.clone(),
        webhook: evil,
        ..ready()
    })
    .unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(
        text.chars()
            .filter(|c| c.is_control() && *c != '\n')
            .count(),
        0
    );
}

#[test]
fn colours_only_add_escapes() {
    let milestone = Milestone::Decision {
        steps: vec![("matched".to_owned(), "yes".to_owned())],
        verdict: "starts a run".to_owned(),
    };
    let coloured = told_at(&milestone, 1_234, Style::Colour);
    assert!(coloured.contains("\u{1b}["));
    let mut bare = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        bare.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    assert_eq!(format!("{bare}{rest}"), told(&milestone));
}

#[test]
fn the_time_is_counted_from_the_start() {
    for (millis, shown) in [
        (-5, "00:00.0"),
        (99, "00:00.0"),
        (61_950, "01:01.9"),
        (6_000_000, "100:00.0"),
    ] {
        let text = told_at(&step("x"), millis, Style::Plain);
        assert!(text.starts_with(&format!(" {shown}  · ")), "{text}");
    }
}

#[test]
fn long_texts_are_cut_and_long_words_are_broken() {
    let text = told(&step(&"word ".repeat(1000)));
    assert!(
        text.lines().count() < 12 && text.trim_end().ends_with('…'),
        "{text}"
    );
    assert_eq!(wrap("", 4), [""]);
    assert_eq!(
        wrap("ab cd efghijklm n", 5),
        ["ab cd", "efghi", "jklm", "n"]
    );
    assert_eq!(wrap("abcdefgh x", 4), ["abcd", "efgh", "x"]);
}

#[test]
fn at_the_end_it_says_where_to_look_and_what_to_try() {
    let mut out = Vec::new();
    ProgressView::new(&mut out, Style::Plain, START)
        .ready(&ready())
        .unwrap();
    let expected = r#"
 Ready. Here is where to look:

   GitHub       http://127.0.0.1:8788/
   issue        http://127.0.0.1:8788/octo-demo/widgets/issues/1
   API          http://127.0.0.1:8789/
   state, logs  /home/ada/.switchyard
   agent        python3 agent/agent.py (a script of the repository, not a model)
   try          comment `bot:investigate`

 Or send a signed delivery yourself; it is answered with 200:

curl -i 'http://127.0.0.1:8787/webhooks/github' \
  -H 'Content-Type: application/json' \
  -H 'X-GitHub-Event: ping' \
  -H "X-GitHub-Delivery: $(python3 -c 'import uuid; print(uuid.uuid4())')" \
  -H 'X-Hub-Signature-256: sha256=d5ad46849503f4c7205325910a3bd254df45d5ebc8a690938b15395803ecd447' \
  --data-binary '{"zen":"Every answer arrives.","hook_id":1}'

 Ctrl-C stops everything. The state is kept for the next start.
"#;
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

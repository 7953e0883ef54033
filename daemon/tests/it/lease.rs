//! Holding on to a job, and letting go of it.

use contract::{
    Slug,
    worker::{CancelReason, ReleaseRequest},
};
use domain::{GiveBack, Outcome};
use jiff::SignedDuration;
use testkit::IMPLEMENT;

use crate::support::{Scene, Setup, runs, wait};

const GOOD: &str = "echo hello > greeting.txt";
/// Says that it is there and stays.
const STAYS: &str = r#"
echo $$ > "$SCENE/pid"; echo hello > greeting.txt
echo '{"type":"step","text":"here"}'
sleep 1000
"#;

async fn staying() -> Scene {
    let scene = Scene::start(Setup::new(IMPLEMENT, STAYS)).await;
    scene.heard("here").await;
    scene
}

fn nothing_was_told(scene: &Scene) {
    assert!(scene.platform.look(|state| state.finished.is_none()));
    assert!(
        scene
            .platform
            .look(|state| !state.calls.contains(&"finish".to_owned()))
    );
    assert_eq!(scene.hub.branches(), ["main"]);
    scene.assert_clean();
}

#[tokio::test]
async fn a_job_that_is_to_stop_stops_and_says_how() {
    for (reason, outcome) in [
        (CancelReason::Requested, Outcome::Cancelled),
        (CancelReason::Expired, Outcome::Expired),
    ] {
        let scene = staying().await;
        scene.platform.change(|state| state.cancel = Some(reason));
        assert_eq!(scene.finished().await.outcome, outcome);
        assert!(!runs(&scene.told("pid")));
        assert_eq!(scene.hub.branches(), ["main"]);
    }
}

#[tokio::test]
async fn a_job_that_is_somebody_elses_is_dropped_at_once() {
    let mut scene = staying().await;
    scene
        .platform
        .change(|state| state.always = vec![("heartbeat", 409, Slug::LEASE_STALE)]);
    scene.end().await;
    assert!(!runs(&scene.told("pid")));
    nothing_was_told(&scene);
    assert_eq!(scene.platform.look(|state| state.deleted), 0);
}

#[tokio::test]
async fn a_job_that_is_over_is_dropped_with_its_message() {
    let scene = staying().await;
    scene
        .platform
        .change(|state| state.always = vec![("heartbeat", 409, Slug::JOB_FINISHED)]);
    wait(scene.platform.until(|state| state.deleted == 1)).await;
    assert!(!runs(&scene.told("pid")));
    nothing_was_told(&scene);
}

#[tokio::test]
async fn a_stale_lease_pushes_nothing_though_no_heartbeat_was_due() {
    let setup = Setup::new(IMPLEMENT, GOOD);
    let mut scene = Scene::prepare(&setup).await;
    scene.platform.change(|state| {
        state.beat = 3_600;
        state.always = vec![("heartbeat", 409, Slug::LEASE_STALE)];
    });
    scene.run(setup);
    wait(
        scene
            .platform
            .until(|state| state.calls.contains(&"heartbeat".to_owned())),
    )
    .await;
    scene.end().await;
    nothing_was_told(&scene);
    assert_eq!(scene.platform.look(|state| state.git_tokens.len()), 1);
}

#[tokio::test]
async fn work_goes_on_while_the_platform_is_away_but_not_beyond_the_lease() {
    let mut scene = staying().await;
    scene.platform.change(|state| {
        state.always = vec![("heartbeat", 503, Slug::UNAVAILABLE)];
        state.calls.clear();
    });
    let beats = |count| {
        move |calls: &Vec<String>| calls.iter().filter(|call| *call == "heartbeat").count() >= count
    };
    wait(scene.platform.until(|state| beats(2)(&state.calls))).await;
    assert!(runs(&scene.told("pid")));
    scene.clock.advance(SignedDuration::from_hours(2));
    scene.end().await;
    assert!(!runs(&scene.told("pid")));
    nothing_was_told(&scene);
    assert_eq!(scene.platform.look(|state| state.deleted), 0);
}

#[tokio::test]
async fn heartbeats_keep_the_message_out_of_sight_when_it_would_come_back() {
    let scene = staying().await;
    let heartbeats = |count: usize| {
        scene.platform.change(|state| state.calls.clear());
        scene.platform.until(move |state| {
            let calls = state.calls.iter();
            calls.filter(|call| *call == "heartbeat").count() > count
        })
    };
    let asked = || scene.platform.look(|state| state.visibilities.clone());
    wait(heartbeats(3)).await;
    assert!(asked().is_empty(), "it is out of sight for two minutes");
    for times in 1..=2 {
        scene.clock.advance(SignedDuration::from_secs(119));
        wait(heartbeats(3)).await;
        // As long as the lease, and the short beat that is rounded up.
        assert_eq!(asked(), vec![121; times], "once is enough");
    }
}

#[tokio::test]
async fn a_job_that_cannot_be_claimed_decides_what_becomes_of_its_message() {
    for (status, slug, deleted) in [
        (409, Slug::JOB_FINISHED, 1),
        (401, Slug::UNAUTHORIZED, 1),
        (404, Slug::NOT_FOUND, 1),
        (409, Slug::JOB_LEASED, 1),
        (409, Slug::JOB_WAITING, 0),
        (401, Slug::DAEMON_UNPROVEN, 0),
        (503, Slug::UNAVAILABLE, 0),
    ] {
        let setup = Setup::new(IMPLEMENT, GOOD);
        let mut scene = Scene::prepare(&setup).await;
        scene
            .platform
            .change(|state| state.always = vec![("claim", status, slug.clone())]);
        scene.run(setup);
        wait(scene.platform.until(|state| !state.calls.is_empty())).await;
        scene.end().await;
        nothing_was_told(&scene);
        assert_eq!(
            scene.platform.look(|state| state.calls.clone()),
            ["claim"],
            "{slug}"
        );
        assert_eq!(
            scene.platform.look(|state| state.deleted),
            deleted,
            "{slug}"
        );
    }
}

#[tokio::test]
async fn the_end_is_told_until_it_is_heard() {
    let setup = Setup::new(IMPLEMENT, GOOD);
    let mut scene = Scene::prepare(&setup).await;
    scene
        .platform
        .change(|state| state.failures = vec![("finish", 503, Slug::UNAVAILABLE); 3]);
    scene.run(setup);
    let finished = scene.finished().await;
    assert!(
        matches!(finished.outcome, Outcome::Succeeded { .. }),
        "{finished:?}"
    );
    let told = scene
        .platform
        .look(|state| state.calls.iter().filter(|call| *call == "finish").count());
    assert_eq!(told, 4);
}

#[tokio::test]
async fn an_end_that_comes_too_late_is_not_insisted_on() {
    for (slug, deleted) in [(Slug::JOB_FINISHED, 1), (Slug::LEASE_STALE, 0)] {
        let setup = Setup::new(IMPLEMENT, GOOD);
        let mut scene = Scene::prepare(&setup).await;
        scene
            .platform
            .change(|state| state.always = vec![("finish", 409, slug.clone())]);
        scene.run(setup);
        wait(
            scene
                .platform
                .until(|state| state.calls.contains(&"finish".to_owned())),
        )
        .await;
        scene.end().await;
        assert_eq!(
            scene.platform.look(|state| state.deleted),
            deleted,
            "{slug}"
        );
    }
}

#[tokio::test]
async fn news_that_cannot_be_told_harms_nothing() {
    for (status, slug) in [(503, Slug::UNAVAILABLE), (400, Slug::INVALID_REQUEST)] {
        let setup = Setup::new(IMPLEMENT, GOOD);
        let mut scene = Scene::prepare(&setup).await;
        scene
            .platform
            .change(|state| state.always = vec![("events", status, slug)]);
        scene.run(setup);
        let finished = scene.finished().await;
        assert!(
            matches!(finished.outcome, Outcome::Succeeded { .. }),
            "{finished:?}"
        );
    }
}

#[tokio::test]
async fn a_message_that_is_no_job_is_left_to_the_queue() {
    let setup = Setup::new(IMPLEMENT, GOOD);
    let mut scene = Scene::prepare(&setup).await;
    scene
        .platform
        .change(|state| state.messages.push_front("{\"version\":2}".to_owned()));
    scene.run(setup);
    scene.finished().await;
    assert_eq!(scene.platform.look(|state| state.deleted), 1);
}

#[tokio::test]
async fn a_daemon_that_is_to_end_ends_its_job_first() {
    let mut scene = Scene::start(Setup::new(
        IMPLEMENT,
        r#"echo '{"type":"step","text":"here"}'
           while ! [ -e "$SCENE/go" ]; do sleep 0.01; done; echo hello > greeting.txt"#,
    ))
    .await;
    scene.heard("here").await;
    scene.ask_to_end();
    std::fs::write(scene.folder.path().join("go"), "").unwrap();
    scene.ended().await;
    let finished = scene.platform.look(|state| state.finished.clone()).unwrap();
    assert!(
        matches!(finished.outcome, Outcome::Succeeded { .. }),
        "{finished:?}"
    );
    assert_eq!(scene.platform.look(|state| state.deleted), 1);
}

#[tokio::test]
async fn a_job_that_takes_too_long_then_is_given_back() {
    let drain = std::time::Duration::from_millis(100);
    let mut scene = Scene::start(Setup {
        drain,
        ..Setup::new(IMPLEMENT, STAYS)
    })
    .await;
    scene.heard("here").await;
    scene.end().await;
    assert!(!runs(&scene.told("pid")));
    nothing_was_told(&scene);
    let (released, deleted) = scene.platform.look(|state| (state.released, state.deleted));
    let expected = ReleaseRequest {
        why: GiveBack::Shutdown,
        not_before: None,
    };
    assert_eq!((released, deleted), (Some(expected), 1));
}

#[tokio::test]
async fn a_job_that_cannot_even_be_given_back_comes_back_when_the_lease_ends() {
    let drain = std::time::Duration::from_millis(100);
    let mut scene = Scene::start(Setup {
        drain,
        ..Setup::new(IMPLEMENT, STAYS)
    })
    .await;
    scene
        .platform
        .change(|state| state.always = vec![("release", 503, Slug::UNAVAILABLE)]);
    scene.heard("here").await;
    scene.end().await;
    let last = scene
        .platform
        .look(|state| state.visibilities.last().copied())
        .unwrap();
    assert!(
        (3_500..=3_600).contains(&last),
        "it comes back when the lease ends, in {last} s"
    );
    assert_eq!(scene.platform.look(|state| state.deleted), 0);
}

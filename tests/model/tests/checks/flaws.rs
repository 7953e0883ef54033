//! A rule that is left out is noticed, by the property that is about it.

use std::collections::BTreeSet;

use switchyard_model::{COMES_TO_REST, Flaw, Protocol, Report, counterexample};

const RESTS: &str = COMES_TO_REST;
const REST: &str = "what is at rest is done and told";
const ONCE: &str = "a run ends once and stays over";
const ONE_EACH: &str = "a request starts at most one run";
const REFUSED: &str = "a refused delivery starts nothing";
const NAMED: &str = "work is what the head names";
const NOT_BEGUN: &str = "what is stopped does not begin";
const LEASE: &str = "only the newest lease counts";
const CLOSED: &str = "what is over in the state is closed";
const BEFORE: &str = "a stop ends what was asked for before";
const REACHES: &str = "a stop reaches every run it means";
const COMMENT: &str = "a run is told in one comment";

/// Scenarios without some rules, and the property that then does not hold.
const NOTICED: &[(&str, &str)] = &[
    ("start=1/1 stop=2 without=StepsBeforeFirstHead", NOT_BEGUN),
    (
        "start=1/1 start=2/2 without=StepsBeforeFirstHead without=SameBasisOverwritten",
        NAMED,
    ),
    (
        "start=1/1 archived=1 crashes=1 without=StepsBeforeFirstHead without=NamedPlaceRefused",
        RESTS,
    ),
    (
        "processes=1 daemons=2 any start=1/1 without=SameBasisOverwritten",
        NAMED,
    ),
    ("blind start=1/1 without=ReleaseBeforeCommit", RESTS),
    ("start=1/1 without=CommitUnconditional", ONCE),
    (
        "start=1/1 crashes=1 lost_jobs=1 without=ClosingRemovesDue",
        REST,
    ),
    ("start=1/1 lost_jobs=1 without=UnnamedLosesDueAtOnce", REST),
    (
        "processes=1 daemons=2 any start=1/1 lost_jobs=1 without=DueRemovedUnconditionally",
        REST,
    ),
    ("start=1/1 stop=2 without=HaltNotRead", REACHES),
    ("start=1/1 stop=2 without=HaltReadByStarterOnly", NOT_BEGUN),
    ("start=1/1 stop=2 without=StopLooksFirst", REACHES),
    ("start=2/1 stop=1 without=StopIgnoresTimes", BEFORE),
    ("start=1/1 stop=2 without=ClaimWithoutHead", NOT_BEGUN),
    (
        "daemons=2 start=1/1 slow_daemons=1 double_jobs=1 without=FinishUnfenced",
        LEASE,
    ),
    (
        "start=1/1 double_deliveries=1 without=PlaceNotNamed without=OriginOfOverForgotten",
        ONE_EACH,
    ),
    (
        "start=1/1 archived=1 double_deliveries=1 without=NamedPlaceRefused",
        REFUSED,
    ),
    (
        "start=1/1 start=1/1 without=OriginOfOverForgotten",
        ONE_EACH,
    ),
    (
        "blind wait start=1/1 start=2/2 without=WaitingNotLookedAtAgain",
        RESTS,
    ),
    (
        "processes=1 wait start=1/1 start=2/2 double_deliveries=1 without=AskNamesPlace \
         without=OriginOfOverForgotten",
        ONE_EACH,
    ),
    (
        "processes=1 wait start=1/1 start=2/2 crashes=1 without=AskNotDue",
        RESTS,
    ),
    (
        "processes=1 wait start=1/1 start=2/2 crashes=1 without=UnbegunNotDue",
        RESTS,
    ),
    (
        "blind any daemons=2 start=1/1 stop=2 without=ControlLeftToBell",
        REACHES,
    ),
    ("own start=1/1 stop=2 without=ActAfterHead", REACHES),
    ("own start=1/1 crashes=1 without=ActNotDue", RESTS),
    ("told start=1/1 without=PlaceNotPut", COMMENT),
    ("told start=1/1 without=RunNotReadAgain", REST),
    ("blind told start=1/1 without=RunReadAgainBeforeNote", RESTS),
    ("told start=1/1 crashes=1 without=EndNotRepeated", REST),
    ("told start=1/1 crashes=1 without=EndNotDue", REST),
    ("start=1/1 stop=2 without=ControlBeforeFinished", CLOSED),
    ("start=1/1 stop=2 without=EndBeforeClosed", CLOSED),
];

/// Rules that only save time, or that another rule makes good as long as it holds: everything holds without them.
const SPARED: &[(&str, Flaw)] = &[
    // Every step that is open has a due time of its own, so the control is found by that.
    (
        "processes=1 start=1/1 stop=2 crashes=2",
        Flaw::ControlNotDue,
    ),
    // The delivery's message comes again until the run has begun. Who starts a run for a request that waited has none.
    ("start=1/1 stop=2 crashes=1", Flaw::UnbegunNotDue),
    // A request is compared with the runs of the slot, also with those that are over.
    (
        "start=1/1 crashes=1 double_deliveries=1",
        Flaw::PlaceNotNamed,
    ),
    (
        "processes=1 wait start=1/1 start=2/2 crashes=1 double_deliveries=1",
        Flaw::AskNamesPlace,
    ),
    // The record is what names the place, whoever starts it.
    (
        "processes=1 wait start=1/1 start=2/2 crashes=1 double_deliveries=1",
        Flaw::AskBeforeRecord,
    ),
];

#[test]
fn what_is_left_out_is_noticed() {
    let mut missed = Vec::new();
    for (words, property) in NOTICED {
        let protocol = Protocol::in_words(words).unwrap();
        match counterexample(&protocol, property) {
            Some(way) => println!("{words}: not {property:?}, after {} steps", way.len()),
            None => missed.push(format!("{words}: {property:?}")),
        }
    }
    assert!(missed.is_empty(), "not noticed:\n{}", missed.join("\n"));
}

#[test]
fn what_can_be_spared_is_spared() {
    let mut needed = Vec::new();
    for (words, flaw) in SPARED {
        let words = format!("{words} without={flaw:?}");
        let report = Report::of(&Protocol::in_words(&words).unwrap());
        println!(
            "{words}: {} states in {:.1?}",
            report.states, report.checked
        );
        if !report.broken.is_empty() {
            needed.push(format!("{words}: {report}"));
        }
    }
    assert!(needed.is_empty(), "{}", needed.join("\n"));
}

#[test]
fn every_rule_is_left_out_somewhere() {
    let noticed: BTreeSet<&str> = NOTICED
        .iter()
        .flat_map(|(words, _)| words.split_whitespace())
        .filter_map(|word| word.strip_prefix("without="))
        .collect();
    let spared: Vec<String> = SPARED.iter().map(|(_, flaw)| format!("{flaw:?}")).collect();
    for flaw in Flaw::ALL {
        let name = format!("{flaw:?}");
        assert!(
            noticed.contains(name.as_str()) || spared.contains(&name),
            "nobody looks at what comes of {name}"
        );
    }
}

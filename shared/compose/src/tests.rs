//! Parts from settings.

use std::sync::Arc;

use domain::{SharedClock, SharedRandom, SystemClock, SystemRandom};
use kit::Clients;
use settings::{Program, Settings};

use super::*;

const ALL: [(&str, &str); 6] = [
    ("TABLE_NAME", "switchyard"),
    ("JOBS_QUEUE_URL", "http://127.0.0.1:9/jobs"),
    ("SWITCHYARD_TOKEN_KEY", "0123456789abcdef0123456789abcdef"),
    ("GITHUB_API_URL", "http://127.0.0.1:9"),
    ("GITHUB_APP_ID", "12345"),
    ("GITHUB_APP_PRIVATE_KEY", simgithub::DEMONSTRATION_KEY_PEM),
];

/// What is wrong when all parts are made of settings, some of them changed.
fn wrong(changes: &[(&str, &str)]) -> Vec<String> {
    let all = ALL.iter().chain(changes);
    let all = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let settings = Settings::from_vars(all.collect());
    let aws = Clients::new(aws_local::sdk_config("http://127.0.0.1:9"));
    let (clock, random): (SharedClock, SharedRandom) =
        (Arc::new(SystemClock), Arc::new(SystemRandom));
    let mut read = settings.reader(Program::Triage);
    let table = table(&mut read, &aws, random);
    let keys = signing_keys(&mut read);
    let jobs = job_queue(&mut read, &aws, keys, &clock);
    let github = github_app(&mut read, &clock);
    let made = read.finish(|| Some((table?, jobs?, github?)));
    let wrong = made.err().into_iter().flat_map(|error| error.0);
    wrong.map(|wrong| wrong.to_string()).collect()
}

#[test]
fn parts_are_made_of_their_settings() {
    assert_eq!(wrong(&[]), [""; 0]);
}

#[test]
fn each_setting_that_is_missing_is_told() {
    for (name, _) in ALL {
        let said = wrong(&[(name, "")]);
        assert!(said.len() == 1 && said[0].starts_with(name), "{said:?}");
    }
    let nothing = ALL.map(|(name, _)| (name, ""));
    assert_eq!(wrong(&nothing).len(), ALL.len());
}

#[test]
fn a_key_that_is_none_is_told_with_everything_else_and_not_shown() {
    let said = wrong(&[
        ("GITHUB_APP_PRIVATE_KEY", "-----BEGIN hunter2"),
        ("TABLE_NAME", ""),
    ]);
    assert_eq!(said.len(), 2, "{said:?}");
    let key = &said[1];
    assert!(
        key.starts_with("GITHUB_APP_PRIVATE_KEY: ")
            && key.ends_with(". Give the app's RSA key in PEM form, as GitHub made it."),
        "{key}"
    );
    assert!(!key.contains("hunter2"), "{key}");
}

//! The table by itself, and reading.

use std::collections::BTreeSet;

use domain::StepAttempt;
use secrecy::ExposeSecret as _;

use super::*;

fn settings(pairs: &[(&str, &str)]) -> Settings {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Settings::from_vars(pairs.iter().map(owned).collect())
}

fn names(error: &SettingsError) -> Vec<&str> {
    error.0.iter().map(|wrong| wrong.name).collect()
}

#[test]
fn every_setting_is_declared_once_and_whole() {
    let mut seen = BTreeSet::new();
    for setting in all() {
        let name = setting.name();
        assert!(seen.insert(name), "{name} is declared twice");
        assert!(!setting.readers.is_empty(), "nobody reads {name}");
        for text in [setting.meaning(), setting.solution()] {
            let whole = text.starts_with(|first: char| first.is_uppercase()) && text.ends_with('.');
            assert!(
                whole && !text.contains('|'),
                "{name}: {text:?} is no sentence"
            );
        }
        if setting.absent() == Absent::Required {
            let says = setting.solution().contains("leave it out");
            assert!(!says, "{name} is required, so it cannot be left out");
        }
    }
    assert!(seen.len() > 60, "{seen:?}");
}

#[test]
fn every_default_is_a_value() {
    assert_eq!(table::wrong_defaults(), [""; 0]);
    let heartbeat = SWITCHYARD_HEARTBEAT_SECONDS.default_value();
    assert_eq!(heartbeat, StepAttempt::HEARTBEAT.try_into().ok());
}

#[test]
fn what_two_parts_say_is_wrong_is_told_together_and_once() {
    let wrong = |names: &[&'static str]| {
        let wrong = |name: &&'static str| WrongSetting {
            name,
            reason: "it is missing".to_owned(),
            solution: "Set it.".to_owned(),
        };
        SettingsError(names.iter().map(wrong).collect())
    };
    let good: Result<u8, SettingsError> = Ok(1);
    let (first, second) = (wrong(&["A", "B"]), wrong(&["B", "C"]));
    let both = |one, other| SettingsError::both::<u8, u8>(one, other);
    assert_eq!(both(good.clone(), Ok(2)), Ok((1, 2)));
    assert_eq!(both(good.clone(), Err(first.clone())), Err(first.clone()));
    assert_eq!(both(Err(first.clone()), good), Err(first.clone()));
    assert_eq!(both(Err(first), Err(second)), Err(wrong(&["A", "B", "C"])));
}

#[test]
fn what_is_there_is_read() {
    let settings = settings(&[
        ("TABLE_NAME", " switchyard\n"),
        (
            "SWITCHYARD_TOKEN_KEY",
            " hush hush hush hush hush hush hush ",
        ),
        ("SWITCHYARD_GITHUB_TOKEN", " gho_x\n"),
        ("GITHUB_API_URL", "https://ghes.example/api/v3"),
        ("JOBS_QUEUE_URL", "http://127.0.0.1:4566"),
        ("SWITCHYARD_EVENTS_MILLIS", " 7 "),
        ("SWITCHYARD_ALLOWED_OWNERS", "ada, bob,,"),
        ("GITHUB_APP_ID", "  "),
    ]);
    let mut read = settings.reader(Program::Worker);
    assert_eq!(read.get(&TABLE_NAME).as_deref(), Some("switchyard"));
    let secret = read.get(&SWITCHYARD_TOKEN_KEY).unwrap();
    assert_eq!(
        secret.expose_secret(),
        " hush hush hush hush hush hush hush "
    );
    let token = read.get(&SWITCHYARD_GITHUB_TOKEN).unwrap();
    assert_eq!(token.expose_secret(), "gho_x");
    assert_eq!(read.get(&GITHUB_API_URL).unwrap().path(), "/api/v3");
    let queue = read.get(&JOBS_QUEUE_URL);
    assert_eq!(queue.as_deref(), Some("http://127.0.0.1:4566"), "as it is");
    let interval = read.get(&SWITCHYARD_EVENTS_MILLIS).unwrap();
    assert_eq!(interval.as_millis(), 7);
    let clock = read.get(&SWITCHYARD_CLOCK_SECONDS).unwrap();
    assert_eq!(clock.as_secs(), 300, "by default");
    let owners = read.get(&SWITCHYARD_ALLOWED_OWNERS).unwrap();
    let owners: Vec<&str> = owners.iter().map(domain::Login::as_str).collect();
    assert_eq!(owners, ["ada", "bob"]);
    assert!(read.get(&SWITCHYARD_TOKEN_KEY_PREVIOUS).is_none());
    assert!(!read.is_set(&GITHUB_APP_ID) && read.is_set(&TABLE_NAME));
    assert_eq!(read.finish(|| Some(1)), Ok(1));
    assert!(!format!("{settings:?}").contains("hush"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_by_name_with_a_way_out() {
    let settings = settings(&[
        ("SWITCHYARD_PARAMETERS", "/switchyard/prod/"),
        ("SWITCHYARD_TOKEN_KEY", ""),
        ("TABLE_NAM", "switchyard"),
        ("JOBS_QUEUE_URL", "ftp://x"),
        ("GITHUB_API_URL", "mailto:x"),
        ("GITHUB_GIT_URL", "https://ada:hunter2@x"),
        (
            "SWITCHYARD_TOKEN_KEY_PREVIOUS",
            "thirty-one letters do not do it",
        ),
        ("SWITCHYARD_CLOCK_SECONDS", "hush seven"),
        ("SWITCHYARD_HEARTBEAT_SECONDS", "41"),
        ("SWITCHYARD_ALLOWED_OWNERS", "ada,b c"),
    ]);
    let mut read = settings.reader(Program::Worker);
    // What several parts read is told once.
    assert!(read.get(&TABLE_NAME).is_none() && read.get(&TABLE_NAME).is_none());
    assert!(read.get(&SWITCHYARD_TOKEN_KEY).is_none());
    assert!(read.get(&SWITCHYARD_TOKEN_KEY_PREVIOUS).is_none());
    assert!(read.get(&JOBS_QUEUE_URL).is_none());
    assert!(read.get(&GITHUB_API_URL).is_none() && read.get(&GITHUB_GIT_URL).is_none());
    assert!(read.get(&SWITCHYARD_CLOCK_SECONDS).is_none());
    assert!(read.get(&SWITCHYARD_HEARTBEAT_SECONDS).is_none());
    assert!(read.get(&SWITCHYARD_ALLOWED_OWNERS).is_none());
    read.wrong(&GITHUB_APP_PRIVATE_KEY, "it is not a private key");
    let error = read.finish(|| Some(())).unwrap_err();
    assert_eq!(
        names(&error),
        [
            "TABLE_NAME",
            "SWITCHYARD_TOKEN_KEY",
            "SWITCHYARD_TOKEN_KEY_PREVIOUS",
            "JOBS_QUEUE_URL",
            "GITHUB_API_URL",
            "GITHUB_GIT_URL",
            "SWITCHYARD_CLOCK_SECONDS",
            "SWITCHYARD_HEARTBEAT_SECONDS",
            "SWITCHYARD_ALLOWED_OWNERS",
            "GITHUB_APP_PRIVATE_KEY",
        ]
    );
    let text = error.to_string();
    for said in [
        "TABLE_NAME: it is missing, but TABLE_NAM is set, which is no setting. Set it to",
        "It may stand in the environment or as the parameter /switchyard/prod/SWITCHYARD_TOKEN_KEY.",
        "SWITCHYARD_TOKEN_KEY_PREVIOUS: it is not a random text of 32 characters or more.",
        "GITHUB_API_URL: it is not an http or https address. Set it to https://api.github.com",
        "GITHUB_GIT_URL: it holds a user name or password. Take it out",
        "SWITCHYARD_CLOCK_SECONDS: it is not a number of seconds from 0 to 31622400. Correct it",
        "SWITCHYARD_ALLOWED_OWNERS: it is not a list of logins, separated by commas.",
        "GITHUB_APP_PRIVATE_KEY: it is not a private key. Give the app's RSA key",
    ] {
        assert!(text.contains(said), "{said:?} is not in {text}");
    }
    assert!(
        !text.contains("hush") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn a_program_reads_what_is_declared_for_it_and_nothing_else() {
    let settings = settings(&[("TABLE_NAME", "switchyard")]);
    let mut read = settings.reader(Program::Webhook);
    assert!(read.get(&TABLE_NAME).is_none());
    let error = read.finish(|| Some(())).unwrap_err();
    assert_eq!(names(&error), ["TABLE_NAME"]);
}

#[test]
fn what_parameter_store_would_not_tell_is_one_fault() {
    let mut settings = settings(&[("SWITCHYARD_PARAMETERS", "/p")]);
    let missing = settings.missing(&parameters(Program::Relay));
    assert_eq!(missing, ["GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"]);
    settings.unreadable(&missing, "no answer in time");
    let mut read = settings.reader(Program::Relay);
    assert!(read.get(&GITHUB_APP_ID).is_none());
    let error = read.finish(|| Some(())).unwrap_err();
    assert_eq!(names(&error), ["SWITCHYARD_PARAMETERS"]);
    let text = error.to_string();
    assert!(
        text.contains("cannot be read: no answer in time. Allow the role ssm:GetParameters on /p/{GITHUB_APP_ID,GITHUB_APP_PRIVATE_KEY}"),
        "{text}"
    );
}

#[test]
fn a_value_that_nobody_asked_for_is_not_made_up() {
    let settings = settings(&[]);
    let error = settings.reader(Program::Relay).finish(|| None::<()>);
    assert_eq!(error.unwrap_err().0.len(), 1);
}

//! Settings from the environment alone.

use secrecy::ExposeSecret as _;

use super::*;

fn settings(pairs: &[(&str, &str)]) -> Settings {
    Settings::from_vars(
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

#[test]
fn what_is_there_is_read() {
    let settings = settings(&[
        ("QUEUE", "http://q"),
        ("SECRET", "hush"),
        ("API", "https://ghes.example/api/v3"),
        ("COUNT", " 7 "),
        ("OWNERS", "ada, bob,,"),
        ("EMPTY", "  "),
    ]);
    let mut read = settings.reader();
    assert_eq!(read.text("QUEUE").as_deref(), Some("http://q"));
    assert_eq!(read.secret("SECRET").unwrap().expose_secret(), "hush");
    assert_eq!(read.url("API").unwrap().path(), "/api/v3");
    assert_eq!(read.optional_url("API"), read.url("API"));
    assert_eq!(read.optional_url("NO_API"), None);
    assert_eq!(read.parse::<u32>("COUNT", "a number"), Some(7));
    assert_eq!(read.parse_or::<u32>("OTHER", "a number", 3), Some(3));
    let owners = read.list::<String>("OWNERS", "names");
    assert_eq!(owners, Some(vec!["ada".to_owned(), "bob".to_owned()]));
    assert_eq!(read.list::<u32>("NONE", "numbers"), Some(Vec::new()));
    assert_eq!(read.optional("EMPTY"), None);
    assert!(read.optional_secret("NONE").is_none());
    assert_eq!(read.finish(|| Some(1)), Ok(1));
    assert!(!format!("{settings:?}").contains("hush"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_by_name_with_a_way_out() {
    let settings = settings(&[
        ("SWITCHYARD_PARAMETERS", "/switchyard/prod/"),
        ("EMPTY", ""),
        ("API", "ftp://x"),
        ("BASE", "mailto:x"),
        ("COUNT", "hush seven"),
        ("NUMBERS", "1,x,2"),
    ]);
    let mut read = settings.reader();
    assert!(read.text("MISSING").is_none());
    assert!(read.secret("EMPTY").is_none());
    assert!(read.url("API").is_none());
    assert!(read.optional_url("BASE").is_none());
    assert!(read.parse::<u32>("COUNT", "a number").is_none());
    assert!(
        read.list::<u32>("NUMBERS", "numbers, separated by commas")
            .is_none()
    );
    read.wrong("KEY", "it is not a private key", "Paste the PEM file.");
    let error = read.finish(|| Some(())).unwrap_err();
    let names: Vec<&str> = error.0.iter().map(|wrong| wrong.name.as_str()).collect();
    assert_eq!(
        names,
        ["MISSING", "EMPTY", "API", "BASE", "COUNT", "NUMBERS", "KEY"]
    );
    let text = error.to_string();
    let solution = "Set it in the environment or as the parameter /switchyard/prod/MISSING.";
    assert!(
        text.contains(&format!("MISSING: it is missing. {solution}")),
        "{text}"
    );
    assert!(
        text.contains("Expected is numbers, separated by commas."),
        "{text}"
    );
    assert!(!text.contains("hush"), "{text}");
}

#[test]
fn a_value_that_nobody_asked_for_is_not_made_up() {
    let error = settings(&[]).reader().finish(|| None::<()>).unwrap_err();
    assert_eq!(error.0.len(), 1);
}

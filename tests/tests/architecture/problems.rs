//! Problems: those that are registered against those that are told.

use contract::ProblemKind;

use crate::{sources::sources, workspace::read};

const REGISTRY: &str = "shared/contract/src/problem/kind.rs";

/// The name in code and the slug of every kind that is registered.
fn registered() -> Vec<(String, String)> {
    let text = read(REGISTRY);
    let entries = text.split("registered! {").nth(1).unwrap().lines();
    let entries = entries.filter_map(|line| {
        let (name, rest) = line.trim().split_once(" = \"")?;
        let (slug, _) = rest.split_once('"')?;
        let capital = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
        let named = name.bytes().all(capital);
        named.then(|| (name.to_owned(), slug.to_owned()))
    });
    entries.collect()
}

#[test]
fn each_kind_of_problem_is_told_by_a_function() {
    let registered = registered();
    let all: Vec<String> = ProblemKind::ALL
        .iter()
        .map(|kind| kind.slug().to_string())
        .collect();
    let found: Vec<&String> = registered.iter().map(|(_, slug)| slug).collect();
    assert_eq!(
        found,
        all.iter().collect::<Vec<_>>(),
        "entries as they are read here"
    );
    let told: String = sources()
        .iter()
        .filter(|source| source.shipped() && source.path != REGISTRY)
        .map(|source| source.text.as_str())
        .collect();
    for (name, slug) in registered {
        let named = format!("ProblemKind::{name}");
        let longer = |next: char| next == '_' || next.is_ascii_uppercase();
        let mut rest = told.split(&named).skip(1);
        assert!(
            rest.any(|rest| !rest.starts_with(longer)),
            "no function tells of {slug}: take it out of {REGISTRY}"
        );
    }
}

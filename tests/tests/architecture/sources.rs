//! Rust files, parsed once for all tests.

use std::sync::LazyLock;

use crate::{
    syntax::{Function, functions, lines_of_test_modules, routes},
    workspace::{files, read},
};

/// One Rust file.
pub(crate) struct Source {
    /// Where it is, from the root.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// How many lines it has without the test modules in it.
    pub(crate) lines: usize,
    /// Every function in it.
    pub(crate) functions: Vec<Function>,
    /// The method and path of every route that it adds to a router outside of tests.
    pub(crate) routes: Vec<String>,
}

static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let files = files().into_iter();
    let rust = files.filter(|path| path.rsplit('.').next() == Some("rs"));
    rust.map(Source::parse).collect()
});

/// Every Rust file of the repository.
pub(crate) fn sources() -> &'static [Source] {
    &SOURCES
}

impl Source {
    fn parse(path: String) -> Self {
        let text = read(&path);
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self {
            lines: text.lines().count() - lines_of_test_modules(&file),
            functions: functions(&file),
            routes: routes(&file),
            path,
            text,
        }
    }

    /// Whether it is shipped, not part of a test.
    pub(crate) fn shipped(&self) -> bool {
        let test = |part: &str| {
            matches!(part, "tests" | "tests.rs" | "benches" | "testing.rs")
                || part.ends_with("_tests.rs")
        };
        !self.path.split('/').any(test)
    }
}

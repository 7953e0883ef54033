//! Which definitions something that happens begins: first by a key that an index is kept by, then by exact filters.

use expr::{Limits, Moment, Variables};
use serde_json::Value;

use crate::plan::{Compiled, NodePlan, Plan};

/// Something that happens outside.
#[derive(Clone, Copy, Debug, Default)]
pub struct Happening<'a> {
    /// The subtype of the triggers that it is for: `github`, `slack`, `webhook` or `email`.
    pub kind: &'a str,
    /// What it is: the event of GitHub or Slack, the custom source, or the address that a mail was sent to.
    pub name: &'a str,
    /// What was done to what it is about, such as `opened`.
    pub action: &'a str,
    /// On which branch.
    pub branch: &'a str,
    /// Which files it changes.
    pub paths: &'a [&'a str],
    /// Who did it.
    pub author: &'a str,
    /// Where it was said.
    pub channel: &'a str,
    /// The subject of a mail.
    pub subject: &'a str,
    /// What it says.
    pub body: Option<&'a Value>,
}

impl Happening<'_> {
    /// Under which key the triggers are found that may be begun by it.
    pub fn key(&self) -> String {
        key(self.kind, self.name)
    }
}

fn key(kind: &str, name: &str) -> String {
    format!("{kind}/{name}")
}

impl Plan {
    /// The triggers that begin a run when this happens.
    pub fn begun_by<'a>(&'a self, happening: Happening<'a>) -> impl Iterator<Item = &'a NodePlan> {
        self.triggers().filter(move |node| is_for(node, happening))
    }

    /// Under which keys an index has to find this definition; none for triggers of hands and clocks.
    pub fn trigger_keys(&self) -> Vec<String> {
        let keys = self.triggers().filter_map(|node| {
            let name = word(node, name_of(node)?)?;
            Some(key(node.kind.subtype(), name))
        });
        let mut keys: Vec<String> = keys.collect();
        keys.sort();
        keys.dedup();
        keys
    }
}

/// The parameter that says what a trigger is about.
fn name_of(node: &NodePlan) -> Option<&'static str> {
    Some(match node.kind.subtype() {
        "github" | "slack" => "event",
        "webhook" => "source",
        "email" => "address",
        _ => return None,
    })
}

fn word<'a>(node: &'a NodePlan, name: &str) -> Option<&'a str> {
    node.parameters.get(name).and_then(Compiled::word)
}

fn is_for(node: &NodePlan, happening: Happening<'_>) -> bool {
    let named = name_of(node).and_then(|name| word(node, name));
    let fits = |name: &str, fits: &dyn Fn(&str) -> bool| word(node, name).is_none_or(fits);
    node.kind.subtype() == happening.kind
        && named == Some(happening.name)
        && fits("action", &|action| action == happening.action)
        && fits("author", &|author| {
            author.eq_ignore_ascii_case(happening.author)
        })
        && fits("channel", &|channel| channel == happening.channel)
        && fits("branch", &|pattern| is_like(pattern, happening.branch))
        && fits("path", &|under| {
            happening.paths.iter().any(|path| is_under(under, path))
        })
        && fits("subject_contains", &|part| happening.subject.contains(part))
        && holds(node, happening)
}

/// Whether a name is what a pattern says, which may end with a star.
fn is_like(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == name, |start| name.starts_with(start))
}

fn is_under(folder: &str, path: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether what a trigger wants of a body is true of it; what cannot be computed is not.
fn holds(node: &NodePlan, happening: Happening<'_>) -> bool {
    let Some(Compiled::Query(expression)) = node.parameters.get("when") else {
        return true;
    };
    let body = happening.body.unwrap_or(&Value::Null);
    let variables = Variables::from([("input".to_owned(), body.clone())]);
    let never = Moment { millis: 0, seed: 0 };
    let value = expression.evaluate(body, &variables, never, Limits::STANDARD);
    matches!(value, Ok(Some(Value::Bool(true))))
}

//! Faults that can be injected into any answer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// This status at once, without any effect.
    Status(u16),
    /// 403 with the text of the secondary rate limit, and `retry-after` if there is a value.
    SecondaryLimit {
        /// Whole seconds are sent.
        retry_after: Option<Duration>,
    },
    /// 403 with `x-ratelimit-remaining: 0`.
    PrimaryLimit {
        /// When the limit ends.
        reset: Timestamp,
    },
    /// The request is served, but only after this much real time.
    Slow(Duration),
    /// The connection is dropped without an answer and without any effect.
    Reset,
    /// The request takes effect, then the connection is dropped without an answer.
    LostAnswer,
    /// A push is received and then refused, as by a hook on the server.
    PushRejected,
}

/// Which requests a fault meets, and how many of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRule {
    /// HTTP method; any if there is none.
    pub method: Option<String>,
    /// Path without the query, in which `*` stands for any run of characters.
    pub path: String,
    /// How many requests it meets before it is spent.
    pub times: u32,
    /// What happens to them.
    pub fault: Fault,
}

impl FaultRule {
    /// A rule for the next `times` requests of any method on a path.
    pub fn new(path: &str, times: u32, fault: Fault) -> Self {
        Self {
            method: None,
            path: path.to_owned(),
            times,
            fault,
        }
    }

    /// The same rule for one method only.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    fn meets(&self, method: &str, path: &str) -> bool {
        self.times > 0
            && self
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && glob(&self.path, path)
            && (self.fault != Fault::PushRejected || path.ends_with("/git-receive-pack"))
    }
}

/// The rules in force, oldest first; the first that meets a request is used.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Vec<FaultRule>>,
}

impl Faults {
    /// Adds a rule.
    pub fn add(&self, rule: FaultRule) {
        self.rules().push(rule);
    }

    /// Takes all rules away.
    pub fn clear(&self) {
        self.rules().clear();
    }

    /// The rules that are not spent yet.
    pub fn pending(&self) -> Vec<FaultRule> {
        self.rules().clone()
    }

    /// Uses up one occurrence of the first rule that meets this request.
    pub(crate) fn take(&self, method: &str, path: &str) -> Option<Fault> {
        let mut rules = self.rules();
        let index = rules.iter().position(|rule| rule.meets(method, path))?;
        let rule = rules.get_mut(index)?;
        rule.times -= 1;
        let fault = rule.fault;
        rules.retain(|rule| rule.times > 0);
        Some(fault)
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Vec<FaultRule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `text` matches `pattern`, whose only special character is `*`.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    loop {
        if glob(rest, text) {
            return true;
        }
        let mut chars = text.chars();
        if chars.next().is_none() {
            return false;
        }
        text = chars.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        assert!(glob(
            "/api/v3/repos/*/comments",
            "/api/v3/repos/a/b/issues/1/comments"
        ));
        assert!(glob("*", ""));
        assert!(!glob("/api/*/comments", "/api/v3/comments/1"));
        assert!(!glob("/a", "/ab"));
    }

    #[test]
    fn a_rule_is_spent_after_its_times() {
        let faults = Faults::default();
        faults.add(FaultRule::new("/x", 2, Fault::Status(500)).method("get"));
        assert_eq!(faults.take("POST", "/x"), None);
        assert_eq!(faults.take("GET", "/x"), Some(Fault::Status(500)));
        assert_eq!(faults.take("GET", "/x"), Some(Fault::Status(500)));
        assert_eq!(faults.take("GET", "/x"), None);
        assert!(faults.pending().is_empty());
    }

    #[test]
    fn a_refused_push_meets_only_pushes() {
        let faults = Faults::default();
        faults.add(FaultRule::new("*", 1, Fault::PushRejected));
        assert_eq!(faults.take("POST", "/o/r.git/git-upload-pack"), None);
        assert_eq!(
            faults.take("POST", "/o/r.git/git-receive-pack"),
            Some(Fault::PushRejected)
        );
    }
}

//! Asks the policies.

use cedar_policy::Response;
use policy::{Decider, Decision, Denial, DenialKind, Question, Reason};

use crate::{Policies, rule::Rule};

impl Decider for Policies {
    fn decide(&self, question: &Question<'_>) -> Decision {
        match self.request(question) {
            Ok((request, entities)) => {
                let response = self
                    .authorizer
                    .is_authorized(&request, &self.set, &entities);
                self.decision(&response)
            }
            Err(error) => undecided("question", &error.to_string()),
        }
    }
}

impl Policies {
    fn decision(&self, response: &Response) -> Decision {
        // Cedar leaves a policy that fails out of its decision, and one that forbids must not be left out.
        if let Some(error) = response.diagnostics().errors().next() {
            return undecided("evaluation", &error.to_string());
        }
        let determining = response.diagnostics().reason();
        let determining = determining.filter_map(|id| self.rules.get(id));
        match response.decision() {
            cedar_policy::Decision::Allow => allow(determining),
            cedar_policy::Decision::Deny => deny(determining),
        }
    }
}

/// Of several that permit, the first one by name is told.
fn allow<'a>(rules: impl Iterator<Item = &'a Rule>) -> Decision {
    let permits = rules.filter_map(|rule| match rule {
        Rule::Permit(reason) => Some(reason),
        Rule::Forbid(_) => None,
    });
    permits
        .min_by(|one, other| one.rule.cmp(&other.rule))
        .map_or_else(nobody, |reason| Decision::Allow(reason.clone()))
}

/// Of several that forbid, the one whose kind comes first is told.
fn deny<'a>(rules: impl Iterator<Item = &'a Rule>) -> Decision {
    let forbids = rules.filter_map(|rule| match rule {
        Rule::Forbid(denial) => Some(denial),
        Rule::Permit(_) => None,
    });
    forbids
        .min_by_key(|denial| (denial.kind, &denial.reason.rule))
        .map_or_else(nobody, |denial| Decision::Deny(denial.clone()))
}

fn nobody() -> Decision {
    undecided("none", "no policy permits it")
}

fn undecided(rule: &str, words: &str) -> Decision {
    Decision::Deny(Denial {
        kind: DenialKind::Undecided,
        reason: Reason {
            rule: rule.to_owned(),
            words: words.to_owned(),
        },
    })
}

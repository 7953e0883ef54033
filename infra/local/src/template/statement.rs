//! What a role may do.

use serde_json::Value;

use super::{
    TemplateError,
    node::{Known, Node},
    resource::Kind,
    scope::Scope,
};

/// Managed policies are refused, because what they allow is not in the template.
const ROLE: Known = Known {
    used: &["Policies"],
    ignored: &[
        "AssumeRolePolicyDocument",
        "RoleName",
        "Description",
        "Path",
        "MaxSessionDuration",
        "Tags",
    ],
};

const POLICY: Known = Known {
    used: &["PolicyDocument"],
    ignored: &["PolicyName"],
};

const DOCUMENT: Known = Known {
    used: &["Statement"],
    ignored: &["Version"],
};

const STATEMENT: Known = Known {
    used: &["Sid", "Effect", "Action", "Resource", "Condition"],
    ignored: &[],
};

/// One statement of a role's inline policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its name.
    pub sid: Option<String>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// The actions, such as `sqs:SendMessage`; they may contain `*` and `?`.
    pub actions: Vec<String>,
    /// The ARNs on which they act; they may contain `*` and `?`.
    pub resources: Vec<String>,
    /// When it applies, as IAM writes it; always if nothing.
    pub condition: Option<Value>,
}

/// Whether a statement allows or denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

impl Statement {
    /// Whether the statement speaks of `action` on the resource with the ARN `resource`. Its condition is not looked at.
    pub fn covers(&self, action: &str, resource: &str) -> bool {
        let action = action.to_ascii_lowercase();
        self.actions
            .iter()
            .any(|pattern| glob(pattern.to_ascii_lowercase().as_bytes(), action.as_bytes()))
            && self
                .resources
                .iter()
                .any(|pattern| glob(pattern.as_bytes(), resource.as_bytes()))
    }
}

/// The statements of the role whose ARN is `role`.
pub(super) fn of_role(scope: &Scope<'_>, role: &Node) -> Result<Vec<Statement>, TemplateError> {
    let role = scope.by_arn(Kind::Role, &role.text()?, role.place())?;
    let mut statements = Vec::new();
    for policy in scope.fields(role, &ROLE)?.items("Policies")? {
        let document = policy.fields(&POLICY)?.required("PolicyDocument")?;
        for statement in document.fields(&DOCUMENT)?.required("Statement")?.items()? {
            statements.push(read(statement)?);
        }
    }
    Ok(statements)
}

fn read(node: Node) -> Result<Statement, TemplateError> {
    let mut fields = node.fields(&STATEMENT)?;
    Ok(Statement {
        sid: fields.optional("Sid").map(|sid| sid.text()).transpose()?,
        effect: fields
            .required("Effect")?
            .choice(&[("Allow", Effect::Allow), ("Deny", Effect::Deny)])?,
        actions: fields.required("Action")?.texts()?,
        resources: fields.required("Resource")?.texts()?,
        condition: fields.optional("Condition").map(Node::into_value),
    })
}

/// Whether `text` matches `pattern`, in which `*` stands for any bytes and `?` for one. On a mismatch, the latest `*` takes one
/// more byte; earlier ones need not be tried again.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at, seen));
                at += 1;
            }
            (Some(&byte), _) if byte == b'?' || byte == text[seen] => {
                at += 1;
                seen += 1;
            }
            (_, Some((after, taken))) => {
                star = Some((after, taken + 1));
                at = after + 1;
                seen = taken + 1;
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asterisks_and_question_marks_are_wildcards() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("a*b*d", "axbxbxd", true),
            ("?", "a", true),
            ("?", "", false),
            ("ab", "abc", false),
            ("abc", "ab", false),
            ("a**", "a", true),
        ] {
            let matched = glob(pattern.as_bytes(), text.as_bytes());
            assert_eq!(matched, expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_statement_covers_its_actions_on_its_resources() {
        let statement = Statement {
            sid: None,
            effect: Effect::Allow,
            actions: vec!["s3:Get*".to_owned()],
            resources: vec!["arn:aws:s3:::bodies/*".to_owned()],
            condition: None,
        };
        assert!(statement.covers("s3:getobject", "arn:aws:s3:::bodies/one"));
        assert!(!statement.covers("s3:PutObject", "arn:aws:s3:::bodies/one"));
        assert!(!statement.covers("s3:GetObject", "arn:aws:s3:::others/one"));
    }
}

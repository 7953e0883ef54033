//! Policies, once they are known to make sense.

use std::collections::BTreeMap;

use cedar_policy::{
    Authorizer, ParseErrors, PolicyId, PolicySet, Schema, ValidationMode, Validator,
};

use crate::{LoadError, names::Names, rule::Rule};

const SCHEMA: &str = include_str!("switchyard.cedarschema");
const DEFAULT: &str = include_str!("default.cedar");

/// Policies that fit the schema.
#[derive(Debug)]
pub struct Policies {
    pub(crate) schema: Schema,
    pub(crate) set: PolicySet,
    pub(crate) rules: BTreeMap<PolicyId, Rule>,
    pub(crate) names: Names,
    pub(crate) authorizer: Authorizer,
}

impl Policies {
    /// The policies that hold unless somebody says otherwise.
    pub fn standard() -> Result<Self, LoadError> {
        Self::parse(DEFAULT)
    }

    /// The policies of a text in Cedar's language.
    pub(crate) fn parse(text: &str) -> Result<Self, LoadError> {
        let schema = Schema::from_cedarschema_str(SCHEMA);
        let (schema, _) = schema.map_err(|error| LoadError::Schema(error.to_string()))?;
        let parsed = text.parse();
        let parsed =
            parsed.map_err(|error: ParseErrors| LoadError::Unreadable(error.to_string()))?;
        let (set, rules) = named(&parsed)?;
        let validator = Validator::new(schema);
        let result = validator.validate(&set, ValidationMode::Strict);
        let warnings = result.validation_warnings().map(ToString::to_string);
        let errors = result.validation_errors().map(ToString::to_string);
        let wrong: Vec<String> = errors.chain(warnings).collect();
        if !wrong.is_empty() {
            return Err(LoadError::Invalid(wrong.join("; ")));
        }
        Ok(Self {
            schema: validator.schema().clone(),
            set,
            rules,
            names: Names::new()?,
            authorizer: Authorizer::new(),
        })
    }
}

/// The policies by the names that they give themselves, and what they say of themselves.
fn named(parsed: &PolicySet) -> Result<(PolicySet, BTreeMap<PolicyId, Rule>), LoadError> {
    let (mut set, mut rules) = (PolicySet::new(), BTreeMap::new());
    if let Some(template) = parsed.templates().next() {
        return Err(LoadError::Template(template.id().to_string()));
    }
    for policy in parsed.policies() {
        let rule = Rule::of(policy)?;
        let id = PolicyId::new(rule.name());
        set.add(policy.new_id(id.clone()))
            .map_err(|error| LoadError::Doubled(error.to_string()))?;
        rules.insert(id, rule);
    }
    Ok((set, rules))
}

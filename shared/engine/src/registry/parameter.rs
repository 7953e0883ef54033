//! What a node is told.

use serde_json::Value;

use super::cron::is_cron;

/// What a parameter's value has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterType {
    /// A text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// True or false.
    Boolean,
    /// One of the options.
    Enum,
    /// Any JSON.
    Json,
    /// The key of a stored file.
    File,
    /// An http or https address.
    Url,
    /// An e-mail address.
    Email,
    /// A cron line of five fields.
    Cron,
    /// A JSONata expression, which the engine evaluates.
    Expression,
    /// A text with places for values, which the engine fills in.
    Template,
    /// A JSON Schema.
    Schema,
    /// What leads where: a list of `{output, when}`.
    Cases,
    /// The name of a definition.
    Definition,
    /// The name of a stored secret; never the secret.
    Secret,
}

impl ParameterType {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Enum => "enum",
            Self::Json => "json",
            Self::File => "file",
            Self::Url => "url",
            Self::Email => "email",
            Self::Cron => "cron",
            Self::Expression => "expression",
            Self::Template => "template",
            Self::Schema => "schema",
            Self::Cases => "cases",
            Self::Definition => "definition",
            Self::Secret => "secret",
        }
    }

    const fn can_be_computed(self) -> bool {
        !matches!(
            self,
            Self::Expression
                | Self::Template
                | Self::Schema
                | Self::Cases
                | Self::Secret
                | Self::Cron
        )
    }
}

/// One thing that a node is told.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    name: &'static str,
    of: ParameterType,
    meaning: &'static str,
    required: bool,
    default: Option<&'static str>,
    options: &'static [&'static str],
    range: Option<(i64, i64)>,
    fixed: bool,
}

impl Parameter {
    /// One that may be left out.
    pub const fn new(name: &'static str, of: ParameterType, meaning: &'static str) -> Self {
        Self {
            name,
            of,
            meaning,
            required: false,
            default: None,
            options: &[],
            range: None,
            fixed: false,
        }
    }

    /// A text.
    pub(super) const fn text(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, ParameterType::String, meaning)
    }

    /// A whole number.
    pub(super) const fn integer(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, ParameterType::Integer, meaning)
    }

    /// An expression.
    pub(super) const fn expression(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, ParameterType::Expression, meaning)
    }

    /// A text with places for values.
    pub(super) const fn template(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, ParameterType::Template, meaning)
    }

    /// One of several words.
    pub(super) const fn choice(
        name: &'static str,
        options: &'static [&'static str],
        meaning: &'static str,
    ) -> Self {
        let mut parameter = Self::new(name, ParameterType::Enum, meaning);
        parameter.options = options;
        parameter
    }

    /// It has to be there.
    pub(super) const fn needed(mut self) -> Self {
        self.required = true;
        self
    }

    /// What holds without it, as JSON.
    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    /// The least and the greatest value.
    pub(super) const fn between(mut self, least: i64, most: i64) -> Self {
        self.range = Some((least, most));
        self
    }

    /// The engine needs it before anything is computed.
    pub(super) const fn fixed(mut self) -> Self {
        self.fixed = true;
        self
    }

    /// Whether `{% … %}` may compute it when the node runs.
    pub const fn can_be_computed(&self) -> bool {
        !self.fixed && self.of.can_be_computed()
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What its value has to be.
    pub const fn of(&self) -> ParameterType {
        self.of
    }

    /// What it means.
    pub const fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// Whether it has to be there.
    pub const fn required(&self) -> bool {
        self.required
    }

    /// The words that it may be.
    pub const fn options(&self) -> &'static [&'static str] {
        self.options
    }

    /// The least and the greatest value.
    pub const fn range(&self) -> Option<(i64, i64)> {
        self.range
    }

    /// What holds without it.
    pub fn default_value(&self) -> Option<Value> {
        self.default
            .map(|text| serde_json::from_str(text).unwrap_or(Value::Null))
    }

    /// What is wrong with a value, in words. Expressions, templates, schemas and cases are looked into by who reads them.
    pub fn wrong(&self, value: &Value) -> Option<String> {
        let fits = match self.of {
            ParameterType::String | ParameterType::Template | ParameterType::Expression => {
                value.is_string()
            }
            ParameterType::Integer => value.is_i64() || value.is_u64(),
            ParameterType::Float => value.is_number(),
            ParameterType::Boolean => value.is_boolean(),
            ParameterType::Json => true,
            ParameterType::Schema => value.is_object() || value.is_boolean(),
            ParameterType::Cases => value.is_array(),
            ParameterType::Enum => value
                .as_str()
                .is_some_and(|text| self.options.contains(&text)),
            ParameterType::File => value.as_str().is_some_and(is_key),
            ParameterType::Url => value.as_str().is_some_and(is_url),
            ParameterType::Email => value.as_str().is_some_and(is_email),
            ParameterType::Cron => value.as_str().is_some_and(is_cron),
            ParameterType::Definition => value.as_str().is_some_and(is_definition),
            ParameterType::Secret => value.as_str().is_some_and(is_secret),
        };
        if !fits {
            return Some(self.wanted());
        }
        let (least, most) = self.range?;
        let number = value.as_f64()?;
        #[expect(clippy::cast_precision_loss, reason = "limits are far below 2^52")]
        let inside = least as f64 <= number && number <= most as f64;
        (!inside).then(|| format!("it has to be from {least} to {most}"))
    }

    fn wanted(&self) -> String {
        match self.of {
            ParameterType::Enum => format!("it has to be one of {}", self.options.join(", ")),
            ParameterType::Url => "it has to be an http or https address".to_owned(),
            ParameterType::Email => "it has to be an e-mail address".to_owned(),
            ParameterType::Cron => {
                "it has to be a cron line of five fields, such as `0 3 * * 1-5`".to_owned()
            }
            ParameterType::Secret => {
                "it has to be the name of a stored secret, in capital letters; never the secret"
                    .to_owned()
            }
            ParameterType::Definition => "it has to be the name of a definition".to_owned(),
            ParameterType::File => "it has to be the key of a file, without `..`".to_owned(),
            other => format!("it has to be of type {}", other.name()),
        }
    }
}

fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| !host.is_empty()) && !text.contains(char::is_whitespace)
}

fn is_email(text: &str) -> bool {
    let Some((user, host)) = text.split_once('@') else {
        return false;
    };
    !user.is_empty()
        && host.contains('.')
        && !host.contains('@')
        && !text.contains(char::is_whitespace)
}

fn is_definition(text: &str) -> bool {
    text.parse::<domain::DefinitionName>().is_ok()
}

fn is_key(text: &str) -> bool {
    (1..=512).contains(&text.len())
        && !text.starts_with('/')
        && text.split('/').all(|part| part != "..")
}

fn is_secret(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=64).contains(&text.len())
        && text.as_bytes()[0].is_ascii_uppercase()
        && text.bytes().all(plain)
}

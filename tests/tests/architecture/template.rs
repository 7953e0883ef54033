//! The SAM template, read as plain YAML: what is compared with the code here does not go through the
//! reader that the local stack uses.

use serde_norway::Value;

use crate::workspace::read;

/// The template.
pub(crate) struct Template(Value);

/// One resource.
pub(crate) struct Resource<'a> {
    /// Its logical id.
    pub(crate) id: &'a str,
    whole: &'a Value,
}

/// One statement of a policy, with its intrinsics written as text.
pub(crate) struct Statement {
    pub(crate) effect: String,
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Vec<String>,
    whole: Value,
}

impl Template {
    pub(crate) fn read() -> Self {
        Self(serde_norway::from_str(&read("template.yaml")).unwrap())
    }

    /// A section beside the resources.
    pub(crate) fn section(&self, name: &str) -> &Value {
        &self.0[name]
    }

    /// Every resource.
    pub(crate) fn resources(&self) -> Vec<Resource<'_>> {
        let all = self.0["Resources"].as_mapping().unwrap().iter();
        all.map(|(id, whole)| Resource {
            id: id.as_str().unwrap(),
            whole,
        })
        .collect()
    }

    /// Every resource of a type. There is one at least: a comparison with nothing would hold.
    pub(crate) fn of_type(&self, kind: &str) -> Vec<Resource<'_>> {
        let mut found = self.resources();
        found.retain(|resource| resource.whole["Type"].as_str() == Some(kind));
        assert!(!found.is_empty(), "the template has no {kind}");
        found
    }

    /// The resource with this logical id, which may be written as a reference to it, its ARN or its URL.
    pub(crate) fn resource(&self, reference: &str) -> Resource<'_> {
        let id = reference.split('.').next().unwrap();
        let mut all = self.resources().into_iter();
        all.find(|resource| resource.id == id)
            .unwrap_or_else(|| panic!("the template has no resource {id}"))
    }

    /// The function of a binary.
    pub(crate) fn function(&self, binary: &str) -> Resource<'_> {
        let mut all = self.of_type("AWS::Serverless::Function").into_iter();
        all.find(|function| function.binary() == binary)
            .unwrap_or_else(|| panic!("the template has no function with the binary {binary}"))
    }

    /// What the role of a function allows.
    pub(crate) fn statements(&self, function: &Resource<'_>) -> Vec<Statement> {
        self.resource(&text(function.property("Role"))).statements()
    }
}

impl<'a> Resource<'a> {
    /// A property; null if it is not there.
    pub(crate) fn property(&self, name: &str) -> &'a Value {
        &self.whole["Properties"][name]
    }

    /// What is said about it besides its properties; null if nothing is.
    pub(crate) fn metadata(&self) -> &'a Value {
        &self.whole["Metadata"]
    }

    /// A property that is a number.
    pub(crate) fn number(&self, name: &str) -> u64 {
        let number = self.property(name).as_u64();
        number.unwrap_or_else(|| panic!("{} has no number {name}", self.id))
    }

    /// The binary that a function runs.
    pub(crate) fn binary(&self) -> &'a str {
        let binary = self.whole["Metadata"]["BuildProperties"]["Binary"].as_str();
        binary.unwrap_or_else(|| panic!("{} names no binary", self.id))
    }

    /// The names of a function's variables.
    pub(crate) fn variables(&self) -> Vec<&'a str> {
        let variables = &self.property("Environment")["Variables"];
        let names = variables.as_mapping().unwrap().keys();
        names.map(|name| name.as_str().unwrap()).collect()
    }

    /// The events of a function of one type.
    pub(crate) fn events(&self, kind: &str) -> Vec<&'a Value> {
        let events = self.property("Events").as_mapping();
        let events = events.into_iter().flat_map(|events| events.values());
        events
            .filter(|event| event["Type"].as_str() == Some(kind))
            .map(|event| &event["Properties"])
            .collect()
    }

    /// The statements of a role.
    pub(crate) fn statements(&self) -> Vec<Statement> {
        let policies = items(self.property("Policies"));
        policies
            .into_iter()
            .flat_map(|policy| items(&policy["PolicyDocument"]["Statement"]))
            .filter_map(|statement| {
                // A statement may depend on a condition: `!If [condition, statement, nothing]`.
                let branches = tagged(statement, "If").map(items);
                let statement = branches.map_or(statement, |branches| branches[1]);
                statement.is_mapping().then(|| Statement::of(statement))
            })
            .collect()
    }
}

impl Statement {
    fn of(statement: &Value) -> Self {
        Self {
            effect: text(&statement["Effect"]),
            actions: texts(&statement["Action"]),
            resources: texts(&statement["Resource"]),
            whole: statement.clone(),
        }
    }

    /// The parameters whose decryption a statement about a key is limited to.
    pub(crate) fn decrypts(&self) -> Vec<String> {
        texts(&self.whole["Condition"]["StringEquals"]["kms:EncryptionContext:PARAMETER_ARN"])
    }
}

/// The items of a list; none if it is no list.
pub(crate) fn items(value: &Value) -> Vec<&Value> {
    value.as_sequence().into_iter().flatten().collect()
}

/// A text, or what an intrinsic is applied to: `!Ref Table` is `Table`, `!GetAtt Table.Arn` is `Table.Arn`, and `!Sub` with
/// variables of its own is its pattern.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Tagged(tagged) if tagged.tag == "Sub" && tagged.value.is_sequence() => {
            text(&tagged.value[0])
        }
        Value::Tagged(tagged) => text(&tagged.value),
        other => panic!("{other:?} is no text"),
    }
}

/// A text or a list of texts.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Sequence(list) => list.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

fn tagged<'a>(value: &'a Value, tag: &str) -> Option<&'a Value> {
    let Value::Tagged(tagged) = value else {
        return None;
    };
    (tagged.tag == tag).then_some(&tagged.value)
}

//! What roles allow against what the code does.

use std::collections::BTreeSet;

use crate::{
    settings::program,
    sources::sources,
    template::{Statement, Template},
    workspace::list,
};

/// The only action that knows no resources.
const WITHOUT_RESOURCE: [&str; 1] = ["ecr:GetAuthorizationToken"];

#[test]
fn a_function_may_read_exactly_its_parameters() {
    let template = Template::read();
    for name in list("functions") {
        let function = template.function(&name);
        let statements = template.statements(&function);
        let read = of_action(&statements, "ssm:GetParameters");
        let may_read = names(read.iter().flat_map(|found| &found.resources));
        let asks: BTreeSet<String> = parameters(&name)
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        assert_eq!(
            may_read, asks,
            "{name}: the parameters that its role may read (left), and those declared for it (right)"
        );
        let decrypt = of_action(&statements, "kms:Decrypt");
        let decrypted: Vec<String> = decrypt.iter().flat_map(|found| found.decrypts()).collect();
        assert_eq!(
            names(&decrypted),
            asks,
            "{name}: the parameters that its role may decrypt (left), and those declared for it (right)"
        );
    }
}

#[test]
fn roles_allow_the_table_operations_that_the_store_makes() {
    let template = Template::read();
    let mut allowed = BTreeSet::new();
    for name in list("functions") {
        let statements = template.statements(&template.function(&name));
        let on_table = statements.iter().filter(|found| {
            found
                .resources
                .iter()
                .all(|resource| !resource.contains("tream"))
        });
        let actions = on_table.flat_map(|found| &found.actions);
        let actions = actions.filter_map(|action| action.strip_prefix("dynamodb:"));
        allowed.extend(actions.map(str::to_owned));
    }
    assert_eq!(
        allowed,
        operations("shared/store/src/"),
        "the operations on the table that roles allow (left), and those that the store makes (right)"
    );
}

#[test]
fn roles_allow_the_object_operations_that_the_bucket_needs() {
    let template = Template::read();
    let actions = |name: &str| -> BTreeSet<String> {
        let statements = template.statements(&template.function(name)).into_iter();
        let actions = statements.flat_map(|found| found.actions);
        actions.filter(|action| action.starts_with("s3:")).collect()
    };
    assert_eq!(
        actions("webhook"),
        BTreeSet::from(["s3:PutObject".to_owned()])
    );
    // Who may not list is told 403, not 404, about an object that is not there.
    let reads = ["s3:GetObject".to_owned(), "s3:ListBucket".to_owned()];
    assert_eq!(actions("triage"), BTreeSet::from(reads));
    let made = operations("shared/blobs/src/");
    assert_eq!(
        made,
        BTreeSet::from(["GetObject".to_owned(), "PutObject".to_owned()])
    );
}

#[test]
fn no_role_allows_everything() {
    let template = Template::read();
    for role in template.of_type("AWS::IAM::Role") {
        for statement in role.statements() {
            assert_eq!(statement.effect, "Allow", "{}", role.id);
            assert!(
                !statement.actions.is_empty() && !statement.resources.is_empty(),
                "{}",
                role.id
            );
            for action in &statement.actions {
                assert!(!action.contains('*'), "{} allows {action}", role.id);
            }
            let anything = statement.resources.iter().any(|resource| resource == "*");
            if anything {
                assert_eq!(
                    statement.actions, WITHOUT_RESOURCE,
                    "{} on any resource",
                    role.id
                );
            }
        }
    }
}

#[test]
fn the_daemon_may_only_take_jobs() {
    let template = Template::read();
    let statements = template.resource("DaemonTaskRole").statements();
    let [statement] = &statements[..] else {
        panic!("the daemon is not trusted with more");
    };
    assert_eq!(statement.resources, ["JobsQueue.Arn"]);
    let actions: BTreeSet<&str> = statement.actions.iter().map(String::as_str).collect();
    let takes = [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
    ];
    assert_eq!(actions, BTreeSet::from(takes));
}

/// The parameters that a function asks Parameter Store for.
pub(crate) fn parameters(function: &str) -> Vec<&'static str> {
    ::settings::parameters(program(function))
}

fn of_action<'a>(statements: &'a [Statement], action: &str) -> Vec<&'a Statement> {
    let with = |statement: &&Statement| statement.actions.iter().any(|found| found == action);
    statements.iter().filter(with).collect()
}

/// The last parts of the ARNs of parameters.
fn names<'a>(arns: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
    let parts = arns
        .into_iter()
        .map(|arn| arn.split_once("${ParameterRoot}/${Stage}/").unwrap().1);
    parts.map(str::to_owned).collect()
}

/// The names of the SDK's operations that the code under `path` makes, told from the calls of the client:
/// `client.get_item()` is `GetItem`.
fn operations(path: &str) -> BTreeSet<String> {
    const KNOWN: [(&str, &str); 14] = [
        ("get_item", "GetItem"),
        ("put_item", "PutItem"),
        ("update_item", "UpdateItem"),
        ("delete_item", "DeleteItem"),
        ("query", "Query"),
        ("scan", "Scan"),
        ("batch_get_item", "BatchGetItem"),
        ("batch_write_item", "BatchWriteItem"),
        ("transact_write_items", "TransactWriteItems"),
        ("transact_get_items", "TransactGetItems"),
        ("get_object", "GetObject"),
        ("put_object", "PutObject"),
        ("delete_object", "DeleteObject"),
        ("list_objects_v2", "ListObjectsV2"),
    ];
    let sources = sources();
    let here = sources
        .iter()
        .filter(|source| source.path.starts_with(path) && source.shipped());
    let texts: String = here.map(|source| source.text.as_str()).collect();
    let made = KNOWN
        .iter()
        .filter(|(method, _)| texts.contains(&format!(".{method}()")));
    made.map(|(_, operation)| (*operation).to_owned()).collect()
}

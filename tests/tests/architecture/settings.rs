//! The settings that the template gives against those that the code reads.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use domain::{SystemClock, SystemRandom};
use endpoints::sdk_config;
use kit::{Boundary, Clients, Settings};
use serde_norway::Value;
use webhook::Webhook;

use crate::{
    permissions::parameters,
    sources::sources,
    template::{Template, items, text},
    workspace::{list, read},
};

/// Ways to a model that no daemon takes, which README names together.
const REFUSED: &str = "CLAUDE_CODE_USE_";

/// Variables that `kit` reads for every function, or for every one that answers HTTP requests.
const COMMON: [&str; 2] = ["SWITCHYARD_PARAMETERS", "SWITCHYARD_PUBLIC_URL"];

/// What a function may do without: a key that is being replaced, the list of owners, without which nobody is let in, and
/// a token of the operator's.
const OPTIONAL: [&str; 5] = [
    "GITHUB_WEBHOOK_SECRET_PREVIOUS",
    "SWITCHYARD_TOKEN_KEY_PREVIOUS",
    "SWITCHYARD_DAEMON_KEY_PREVIOUS",
    "SWITCHYARD_ALLOWED_OWNERS",
    "SWITCHYARD_GITHUB_TOKEN",
];

/// What the code reads and the template does not give.
const LEFT_TO_DEFAULTS: [&str; 33] = [
    // Said to the compiler: by cargo, and by `make build`.
    "CARGO_PKG_VERSION",
    "SWITCHYARD_COMMIT",
    // Intervals that fit the template's queues and prices. Tests shorten them.
    "SWITCHYARD_EDIT_MILLIS",
    "SWITCHYARD_EVENTS_MILLIS",
    "SWITCHYARD_HEARTBEAT_SECONDS",
    "SWITCHYARD_REPAIR_MINUTES",
    // Less than the function may take, and how far clocks may be apart.
    "SWITCHYARD_GITHUB_MILLIS",
    "SWITCHYARD_CLOCK_SECONDS",
    // A daemon's limits and names, which whoever runs one by hand may want otherwise.
    "SWITCHYARD_AGENT_LOGS",
    "SWITCHYARD_AGENT_SECONDS",
    "SWITCHYARD_CLONE_DEPTH",
    "SWITCHYARD_DAEMON_ID",
    "SWITCHYARD_DRAIN_SECONDS",
    // The boundary around jobs: the strongest that works, with limits and users that fit the image.
    "SWITCHYARD_AGENT_HOSTS",
    "SWITCHYARD_JOB_DISK_MIB",
    "SWITCHYARD_JOB_PROCESSES",
    "SWITCHYARD_JOB_USERS",
    "SWITCHYARD_SANDBOX",
    "SWITCHYARD_SANDBOX_HIDDEN",
    "SWITCHYARD_SANDBOX_READABLE",
    "SWITCHYARD_SIMULATED",
    // The image says where.
    "SWITCHYARD_WORK_DIR",
    // The account with the model's provider is one of these.
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "OPENAI_API_KEY",
    // Another name of the Region.
    "AWS_DEFAULT_REGION",
    // Refused wherever they are set.
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_MANTLE",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_GATEWAY",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS",
];

/// A value that any function takes for a setting of this name.
fn sample(name: &str) -> String {
    let value = match name {
        "SWITCHYARD_TENANT" => "ten_default",
        "SWITCHYARD_ALLOWED_OWNERS" => "octo-demo",
        "GITHUB_APP_PRIVATE_KEY" => simgithub::DEMONSTRATION_KEY_PEM,
        "GITHUB_APP_ID" => "12345",
        _ if name.ends_with("_URL") => "http://127.0.0.1:9",
        _ => "0123456789abcdef0123456789abcdef",
    };
    value.to_owned()
}

/// Starts a function from its settings alone; nothing is called yet.
fn starts(function: &str, vars: HashMap<String, String>) -> Result<(), String> {
    let settings = Settings::from_vars(vars);
    let aws = Clients::new(sdk_config("http://127.0.0.1:9"));
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    match function {
        "webhook" => Webhook::from_settings(&settings, &aws, clock, random)
            .map(drop)
            .map_err(|error| error.to_string()),
        "triage" => triage::connect(&settings, &aws, clock, random)
            .map(drop)
            .map_err(|error| error.to_string()),
        "worker" => worker::connect(&settings, &aws, clock, random)
            .map(drop)
            .map_err(|error| error.to_string()),
        // What is common is all it reads.
        "api" => Boundary::from_settings(&settings, clock, random)
            .map(drop)
            .map_err(|error| error.to_string()),
        "scheduler" => scheduler::connect(&settings, &aws, clock, random)
            .map(drop)
            .map_err(|error| error.to_string()),
        "relay" => relay::connect(&settings, &aws, clock, random)
            .map(drop)
            .map_err(|error| error.to_string()),
        other => panic!("say here how {other} starts"),
    }
}

#[test]
fn each_function_gets_what_it_needs_and_no_more() {
    let template = Template::read();
    for name in list("functions") {
        let given = template.function(&name).variables();
        let given: Vec<&str> = given
            .into_iter()
            .filter(|name| !COMMON.contains(name))
            .collect();
        let all = || given.iter().copied().chain(parameters(&name));
        let vars: HashMap<String, String> =
            all().map(|var| (var.to_owned(), sample(var))).collect();
        starts(&name, vars.clone()).unwrap_or_else(|error| {
            panic!("{name} cannot start with what the template gives: {error}")
        });
        for var in all().filter(|var| !OPTIONAL.contains(var)) {
            let mut without = vars.clone();
            without.remove(var);
            let error = starts(&name, without).expect_err(&format!(
                "the template gives {var} to {name}, which does not need it"
            ));
            assert!(error.contains(var), "{name} without {var} says {error}");
        }
    }
}

#[test]
fn each_function_that_tells_of_problems_knows_where_they_are_explained() {
    let template = Template::read();
    for name in list("functions") {
        let tells =
            shipped_code(&format!("functions/{name}/src/")).contains("Boundary::from_settings");
        let variables = template.function(&name).variables();
        assert_eq!(
            variables.contains(&"SWITCHYARD_PUBLIC_URL"),
            tells,
            "{name}"
        );
    }
}

#[test]
fn each_setting_that_the_code_reads_is_given_or_left_to_its_default() {
    let template = Template::read();
    let mut left: BTreeSet<&str> = LEFT_TO_DEFAULTS.into();
    let mut missing = Vec::new();
    let mut check = |code: &str, given: &BTreeSet<String>| {
        for name in settings_named_in(code) {
            let by_default = LEFT_TO_DEFAULTS.contains(&name);
            left.remove(name);
            if !by_default && !given.contains(name) {
                missing.push(name.to_owned());
            }
        }
    };
    for name in list("functions") {
        let given = template.function(&name).variables().into_iter();
        let given = given.chain(parameters(&name)).map(str::to_owned).collect();
        check(&shipped_code(&format!("functions/{name}/src/")), &given);
    }
    let task = template.resource("DaemonTask");
    let container = items(task.property("ContainerDefinitions"))[0];
    let mut given: BTreeSet<String> = items(&container["Environment"])
        .into_iter()
        .map(|variable| text(&variable["Name"]))
        .collect();
    given.extend(secrets(container));
    check(&shipped_code("daemon/src/settings"), &given);
    assert_eq!(missing, [""; 0], "read by the code, not in the template");
    assert!(left.is_empty(), "not read by the code any more: {left:?}");
}

#[test]
fn the_names_of_settings_are_found_in_code() {
    let code = r#"read.text("TABLE_NAME"); "OK"; "Not_One"; "A_B""#;
    assert_eq!(settings_named_in(code), ["TABLE_NAME", "A_B"]);
}

#[test]
fn the_daemon_reads_what_its_container_is_given() {
    let template = Template::read();
    let task = template.resource("DaemonTask");
    let containers = items(task.property("ContainerDefinitions"));
    let [container] = &containers[..] else {
        panic!("a task has one container");
    };
    let code = shipped_code("daemon/src/settings");
    let given: Vec<String> = items(&container["Environment"])
        .into_iter()
        .map(|variable| text(&variable["Name"]))
        .chain(secrets(container))
        .collect();
    for name in &given {
        assert!(
            code.contains(&format!("{name:?}")),
            "the daemon does not read {name}"
        );
    }
    for needed in [
        "JOBS_QUEUE_URL",
        "SWITCHYARD_WORKER_URL",
        "SWITCHYARD_DAEMON_KEY",
        "GITHUB_API_URL",
        "GITHUB_GIT_URL",
    ] {
        assert!(
            given.iter().any(|name| name == needed),
            "the daemon needs {needed}"
        );
    }
}

/// The names of the secrets that a container is given, some of them inside an `!If`.
fn secrets(container: &Value) -> Vec<String> {
    let all = items(&container["Secrets"]).into_iter();
    // The account with the model's provider has the name that a parameter says, so it is given by that.
    let named = all.filter_map(|one| one.get("Name").map(text));
    named.collect()
}

/// The texts of the Rust files under a path.
fn shipped_code(path: &str) -> String {
    let here = sources().iter();
    let here = here.filter(|source| source.path.starts_with(path) && source.shipped());
    here.map(|source| source.text.as_str()).collect()
}

/// What looks like the name of a setting: a text of capitals, in words parted by underscores.
fn settings_named_in(code: &str) -> Vec<&str> {
    let name = |text: &&str| {
        let words = text.split('_').collect::<Vec<_>>();
        let capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        words.len() > 1
            && words
                .iter()
                .all(|word| !word.is_empty() && word.bytes().all(capital))
    };
    code.split('"').skip(1).step_by(2).filter(name).collect()
}

/// What the local stack gives its daemon by itself.
const GIVEN_BY_THE_LOCAL_STACK: [&str; 9] = [
    "GITHUB_API_URL",
    "GITHUB_GIT_URL",
    "JOBS_QUEUE_URL",
    "SWITCHYARD_WORKER_URL",
    "SWITCHYARD_DAEMON_KEY",
    "SWITCHYARD_SANDBOX_HIDDEN",
    "SWITCHYARD_SIMULATED",
    "SWITCHYARD_STAGE",
    "PATH",
];

#[test]
fn the_local_stack_passes_on_every_setting_of_daemons() {
    let code = shipped_code("daemon/src/settings");
    let known =
        |name: &&str| !local::PASSED_ON.contains(name) && !GIVEN_BY_THE_LOCAL_STACK.contains(name);
    let missing: BTreeSet<&str> = settings_named_in(&code).into_iter().filter(known).collect();
    assert!(
        missing.is_empty(),
        "never reach a daemon on one machine: {missing:?}"
    );
}

#[test]
fn the_readme_names_every_setting_that_goes_from_the_terminal_to_a_daemon() {
    let readme = read("README.md");
    let told = |name: &&str| readme.contains(&format!("`{name}`")) || name.starts_with(REFUSED);
    let missing: Vec<&str> = local::PASSED_ON
        .into_iter()
        .filter(|name| !told(name))
        .collect();
    assert_eq!(missing, [""; 0]);
}

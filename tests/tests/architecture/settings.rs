//! The settings that the template gives against those that the code reads.

use std::{collections::HashMap, sync::Arc};

use domain::{SystemClock, SystemRandom};
use endpoints::sdk_config;
use kit::{Clients, Settings};
use webhook::Webhook;

use crate::{
    permissions::parameters,
    template::{Template, items, text},
    workspace::{list, read},
};

/// Variables that `kit` reads for every function.
const COMMON: [&str; 1] = ["SWITCHYARD_PARAMETERS"];

/// What a function may do without: a key that is being replaced, and the list of owners, without which nobody is
/// let in.
const OPTIONAL: [&str; 3] = [
    "GITHUB_WEBHOOK_SECRET_PREVIOUS",
    "SWITCHYARD_TOKEN_KEY_PREVIOUS",
    "SWITCHYARD_ALLOWED_OWNERS",
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
        "api" => api::connect(&settings, &aws, clock, random)
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
fn the_daemon_reads_what_its_container_is_given() {
    let template = Template::read();
    let task = template.resource("DaemonTask");
    let containers = items(task.property("ContainerDefinitions"));
    let [container] = &containers[..] else {
        panic!("a task has one container");
    };
    let code = read("daemon/src/settings.rs");
    let given: Vec<String> = items(&container["Environment"])
        .into_iter()
        .map(|variable| text(&variable["Name"]))
        .collect();
    for name in &given {
        assert!(
            code.contains(&format!("{name:?}")),
            "the daemon does not read {name}"
        );
    }
    for needed in [
        "JOBS_QUEUE_URL",
        "SWITCHYARD_API_URL",
        "GITHUB_API_URL",
        "GITHUB_GIT_URL",
    ] {
        assert!(
            given.iter().any(|name| name == needed),
            "the daemon needs {needed}"
        );
    }
}

//! What is declared of settings against the template that gives them and the code that reads them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use aws_local::sdk_config;
use domain::{SystemClock, SystemRandom};
use kit::{Boundary, Clients};
use serde_norway::Value;
use settings::{Absent, Declaration, Program, SWITCHYARD_PUBLIC_URL, Settings};

use crate::{
    owners::reach,
    permissions::parameters,
    sources::{Source, sources},
    template::{Template, items, text},
    workspace::{list, members, read},
};

/// Ways to a model that no daemon takes, which README names together.
const REFUSED: &str = "CLAUDE_CODE_USE_";

/// Where such names are no settings of ours: variables that agents are given, and what SDKs, exporters and Lambda know
/// by these names.
const OTHER_VARIABLES: [&str; 4] = [
    "daemon/src/model/access.rs",
    "daemon/src/agent_files.rs",
    "shared/telemetry/src/spans/endpoint.rs",
    "shared/kit/src/aws.rs",
];

/// What a system or a library reads by itself.
const READ_BY_OTHERS: [&str; 3] = ["HOME", "TMPDIR", "SSL_CERT_FILE"];

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
    let started = match function {
        "webhook" => webhook::connect(&settings, &aws, clock, random).map(drop),
        "triage" => triage::connect(&settings, &aws, clock, random).map(drop),
        "worker" => worker::connect(&settings, &aws, clock, random).map(drop),
        // What is common is all it reads.
        "api" => Boundary::from_settings(&settings, Program::Api, clock, random).map(drop),
        "scheduler" => scheduler::connect(&settings, &aws, clock, random).map(drop),
        "relay" => relay::connect(&settings, &aws, clock, random).map(drop),
        other => panic!("say here how {other} starts"),
    };
    started.map_err(|error| error.to_string())
}

pub(crate) fn program(function: &str) -> Program {
    Program::of_name(function)
        .unwrap_or_else(|| panic!("shared/settings does not know the program {function}"))
}

fn is_required(setting: &Declaration) -> bool {
    setting.absent() == Absent::Required
}

/// The settings that the template gives to a function: in its environment, or by the right to read a parameter.
fn given_to_function(name: &str) -> BTreeSet<String> {
    let template = Template::read();
    let given = template.function(name).variables().into_iter();
    let given = given.chain(parameters(name)).map(str::to_owned);
    given.collect()
}

/// The settings that the template gives to daemons.
fn given_to_daemon() -> BTreeSet<String> {
    let template = Template::read();
    let containers = items(
        template
            .resource("DaemonTask")
            .property("ContainerDefinitions"),
    );
    let [container] = &containers[..] else {
        panic!("a task has one container");
    };
    let environment = items(&container["Environment"]).into_iter();
    let given = environment.map(|variable| text(&variable["Name"]));
    given.chain(secrets(container)).collect()
}

#[test]
fn each_function_gets_what_it_needs_and_no_more() {
    for name in list("functions") {
        let given = given_to_function(&name);
        let vars: HashMap<String, String> = given
            .iter()
            .filter(|var| *var != "SWITCHYARD_PARAMETERS")
            .map(|var| (var.clone(), sample(var)))
            .collect();
        starts(&name, vars.clone()).unwrap_or_else(|error| {
            panic!("{name} cannot start with what the template gives: {error}")
        });
        for setting in settings::read_by(program(&name)).filter(|setting| is_required(setting)) {
            let var = setting.name();
            let mut without = vars.clone();
            assert!(without.remove(var).is_some(), "{name} is not given {var}");
            let error = starts(&name, without)
                .expect_err(&format!("{name} is to need {var}, and starts without it"));
            assert!(error.contains(var), "{name} without {var} says {error}");
        }
    }
}

#[test]
fn each_function_that_tells_of_problems_knows_where_they_are_explained() {
    for name in list("functions") {
        let tells = SWITCHYARD_PUBLIC_URL.is_read_by(program(&name));
        let given = given_to_function(&name).contains(SWITCHYARD_PUBLIC_URL.name());
        assert_eq!(given, tells, "{name}");
    }
}

#[test]
fn the_template_gives_to_each_program_what_that_reads() {
    let functions = list("functions").into_iter();
    let mut all: Vec<_> = functions
        .map(|name| (program(&name), given_to_function(&name)))
        .collect();
    all.push((Program::Daemon, given_to_daemon()));
    for (program, given) in all {
        let read: BTreeSet<&str> = settings::read_by(program).map(Declaration::name).collect();
        let other: Vec<&String> = given
            .iter()
            .filter(|name| !read.contains(name.as_str()))
            .collect();
        assert!(
            other.is_empty(),
            "{program} is given {other:?} and does not read it"
        );
        let missing: Vec<&str> = settings::read_by(program)
            .filter(|setting| is_required(setting) && !given.contains(setting.name()))
            .map(Declaration::name)
            .collect();
        assert!(
            missing.is_empty(),
            "{program} needs {missing:?}, which the template does not give"
        );
    }
}

/// Where the code of a program is that reads its settings.
fn code_of(program: Program) -> Vec<String> {
    let own = match program {
        Program::Daemon => "daemon/src/".to_owned(),
        Program::LocalStack => "infra/local/src/".to_owned(),
        function => format!("functions/{function}/src/"),
    };
    // What reads settings for several programs, as far as this one has it.
    let members = members();
    let member = own.trim_end_matches("/src/");
    let member = members.iter().find(|one| one.path == member).unwrap();
    let reached = match program {
        Program::LocalStack => BTreeSet::new(),
        _ => reach(&members, member),
    };
    let common = ["shared/compose", "shared/kit", "shared/telemetry"];
    let common = common.into_iter().filter(|path| reached.contains(*path));
    let common = common.map(|path| format!("{path}/src/"));
    // That is where it names what it looks for in Parameter Store, before there are settings.
    let parameters = "shared/settings/src/settings.rs".to_owned();
    common.chain([own, parameters]).collect()
}

fn shipped() -> impl Iterator<Item = &'static Source> {
    sources().iter().filter(|source| source.shipped())
}

#[test]
fn every_setting_is_read_by_the_programs_that_it_is_declared_for() {
    let mut idle = Vec::new();
    for program in Program::ALL {
        let places = code_of(program);
        let code: String = shipped()
            .filter(|source| places.iter().any(|place| source.path.starts_with(place)))
            .map(|source| source.text.as_str())
            .collect();
        let words: BTreeSet<&str> = code
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        let unread = settings::read_by(program)
            .map(Declaration::name)
            .filter(|name| !words.contains(name) && !READ_BY_OTHERS.contains(name));
        // The exporter of spans reads its headers itself.
        let unread = unread.filter(|name| *name != "OTEL_EXPORTER_OTLP_HEADERS");
        idle.extend(unread.map(|name| format!("{program}: {name}")));
    }
    assert_eq!(
        idle, [""; 0],
        "declared for a program that does not name it"
    );
}

#[test]
fn settings_are_named_by_their_declarations_and_not_by_texts() {
    let names: BTreeSet<&str> = settings::all().map(Declaration::name).collect();
    let places = [
        "shared/",
        "functions/",
        "daemon/",
        "infra/local/",
        "infra/operations/",
    ];
    let mut found = Vec::new();
    for source in shipped() {
        let here = places.iter().any(|place| source.path.starts_with(place));
        // It says what it declares.
        let declares = source.path.starts_with("shared/settings/");
        if !here || declares || OTHER_VARIABLES.contains(&source.path.as_str()) {
            continue;
        }
        let code = source.text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let texts = code.split('"').skip(1).step_by(2);
        let settings = texts.filter(|text| text.contains('_') && names.contains(text));
        found.extend(settings.map(|name| format!("{}: {name:?}", source.path)));
    }
    assert_eq!(
        found, [""; 0],
        "say settings::NAME, or settings::NAME.name()"
    );
}

/// The names of the secrets that a container is given, some of them inside an `!If`.
fn secrets(container: &Value) -> Vec<String> {
    let all = items(&container["Secrets"]).into_iter();
    // The account with the model's provider has the name that a parameter says, so it is given by that.
    let named = all.filter_map(|one| one.get("Name").map(text));
    named.collect()
}

#[test]
fn the_readme_names_every_setting_that_goes_from_the_terminal_to_a_daemon() {
    let readme = read("README.md");
    let told = |name: &&str| readme.contains(&format!("`{name}`")) || name.starts_with(REFUSED);
    let missing: Vec<&str> = settings::passed_on()
        .map(Declaration::name)
        .filter(|name| !told(name))
        .collect();
    assert_eq!(missing, [""; 0]);
}

//! The page about all settings.

use std::fmt::Write as _;

use crate::{Absent, Declaration, Local, Program, Source, passed_on, read_by};

const BEGINNING: &str = "\
# Settings

Made from `shared/settings`; `UPDATE=1 cargo test -p switchyard-settings --test reference` writes it anew.

Every program reads its settings once, when it starts, and says all that is wrong with them at once: the name, what is
wrong, and what to do; about its log a function says so there, and goes on. An empty setting counts as missing. All of
them are variables of the environment. Functions look for those that are marked with † in Parameter Store as well,
under the path in `SWITCHYARD_PARAMETERS`, and what the environment says goes first; for daemons ECS does that.

Functions take Region, credentials and the addresses of AWS's services from the variables that Lambda and the SDKs know,
such as `AWS_REGION` and `AWS_ENDPOINT_URL`.
";

/// Every setting in Markdown, a table for each program.
pub fn reference() -> String {
    let mut page = BEGINNING.to_owned();
    for program in Program::ALL {
        // Writing to a text cannot fail.
        let _written = write!(
            page,
            "\n## {program}\n\n{}\n\n| setting | what it looks like | without it | what it means |\n|---|---|---|---|\n",
            program.purpose()
        );
        for setting in told_of(program) {
            page.push_str(&row(setting, program));
        }
    }
    page
}

fn told_of(program: Program) -> Vec<&'static Declaration> {
    let mut settings: Vec<_> = read_by(program).collect();
    if program == Program::LocalStack {
        let other = |setting: &&Declaration| {
            matches!(setting.local(), Local::Default(_)) && !setting.is_read_by(program)
        };
        settings.extend(passed_on().filter(other));
    }
    settings
}

fn row(setting: &Declaration, program: Program) -> String {
    let mark = match setting.source() {
        Source::ParameterStore if program != Program::LocalStack => " †",
        Source::ParameterStore | Source::Environment => "",
    };
    let absent = match (program, setting.local()) {
        (Program::LocalStack, Local::Default(text)) => Absent::Default(text),
        (Program::LocalStack, Local::Means(words)) => Absent::Means(words),
        _ => setting.absent(),
    };
    let without = match absent {
        Absent::Required => "needed".to_owned(),
        Absent::Default(text) => format!("`{text}`"),
        Absent::Means(words) => words.to_owned(),
    };
    let (name, form, meaning) = (setting.name(), &setting.form, setting.meaning());
    format!("| `{name}`{mark} | {form} | {without} | {meaning} |\n")
}

//! The tables: medians, with the range of the middle half.

use std::{
    collections::HashMap,
    io::{self, Write},
    time::Duration,
};

use anyhow::Result;

use crate::{
    process::{Kind, Program, Sample},
    size,
};

type Samples = HashMap<&'static str, Vec<Sample>>;

pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Prints all tables.
pub(crate) fn print(programs: &[Program], samples: &Samples) -> Result<()> {
    sizes(programs, samples)?;
    times(programs, samples)?;
    ratios(programs, samples)?;
    alike(programs, samples)
}

fn sizes(programs: &[Program], samples: &Samples) -> Result<()> {
    line(
        "\n| program | stripped bytes | zipped bytes | peak memory, MiB | requests before the first event | handshakes before it | handshakes in the first invocation |",
    )?;
    line("| --- | ---: | ---: | ---: | --- | ---: | ---: |")?;
    for program in programs {
        let all = &samples[program.name];
        let Some(last) = all.last() else { continue };
        let compiled = program.arguments.is_empty();
        let size = compiled.then(|| size::of(&program.file)).transpose()?;
        let (stripped, zipped) = size.map_or((String::new(), String::new()), |size| {
            (size.stripped.to_string(), size.zipped.to_string())
        });
        let peak = median(all, |one| mebibytes(one.peak));
        let requests = short(&last.init_requests);
        let (before, during) = (last.init_handshakes, last.first_handshakes);
        line(&format!(
            "| {} | {stripped} | {zipped} | {peak} | {requests} | {before} | {during} |",
            program.name
        ))?;
    }
    Ok(())
}

fn times(programs: &[Program], samples: &Samples) -> Result<()> {
    line(
        "\n| program | ms until the first connection | ms until the first event | CPU ms until then | ms of the first invocation | ms of a warm one | CPU us of a warm one |",
    )?;
    line("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")?;
    for program in programs {
        let all = &samples[program.name];
        let own = if all.iter().all(|one| one.own.is_some()) {
            median(all, |one| millis(one.own.unwrap_or_default()))
        } else {
            String::new()
        };
        line(&format!(
            "| {} | {own} | {} | {} | {} | {} | {:.0} |",
            program.name,
            median(all, |one| millis(one.init)),
            median(all, |one| millis(one.init_cpu)),
            median(all, |one| millis(one.first)),
            median(all, |one| millis(middle_duration(&one.warm))),
            middle(all.iter().map(|one| millis(one.warm_cpu) * 1000.0)),
        ))?;
    }
    Ok(())
}

/// Each of our functions beside each program that calls nobody.
fn ratios(programs: &[Program], samples: &Samples) -> Result<()> {
    let init = |name: &str| middle(samples[name].iter().map(|one| millis(one.init)));
    let idle = || programs.iter().filter(|one| one.kind == Kind::Idle);
    if idle().next().is_none() {
        return Ok(());
    }
    head(
        "ms until the first event, as a part of",
        idle().map(|one| one.name),
    )?;
    for program in programs.iter().filter(|one| one.kind == Kind::Ours) {
        let parts = idle().map(|peer| init(program.name) / init(peer.name));
        row(program.name, parts)?;
    }
    Ok(())
}

/// Each of our functions beside the programs that do the same.
fn alike(programs: &[Program], samples: &Samples) -> Result<()> {
    for ours in programs.iter().filter(|one| one.kind == Kind::Ours) {
        let others = || {
            let others = programs.iter();
            others.filter(|one| one.kind == Kind::Alike(ours.name))
        };
        if others().next().is_none() {
            continue;
        }
        head(
            &format!("{}, as a part of", ours.name),
            others().map(|one| one.name),
        )?;
        for (what, of) in MEASURES {
            let value = |name: &str| middle(samples[name].iter().map(of));
            let parts = others().map(|other| value(ours.name) / value(other.name));
            row(what, parts)?;
        }
    }
    Ok(())
}

type Measure = (&'static str, fn(&Sample) -> f64);

const MEASURES: [Measure; 5] = [
    ("ms until the first answer", |one| {
        millis(one.init + one.first)
    }),
    ("CPU ms until the first event", |one| millis(one.init_cpu)),
    ("ms of a warm invocation", |one| {
        millis(middle_duration(&one.warm))
    }),
    ("CPU us of a warm one", |one| millis(one.warm_cpu)),
    ("peak memory", |one| mebibytes(one.peak)),
];

fn head<'a>(title: &str, columns: impl Iterator<Item = &'a str>) -> io::Result<()> {
    let columns: Vec<&str> = columns.collect();
    line(&format!("\n| {title} | {} |", columns.join(" | ")))?;
    line(&format!("| --- |{}", " ---: |".repeat(columns.len())))
}

fn row(name: &str, parts: impl Iterator<Item = f64>) -> io::Result<()> {
    let cells: Vec<String> = parts.map(|part| format!("{part:.2}")).collect();
    line(&format!("| {name} | {} |", cells.join(" | ")))
}

/// The operations, without the names of services' versions.
fn short(requests: &[String]) -> String {
    let names = requests
        .iter()
        .map(|one| one.rsplit('.').next().unwrap_or(one));
    names.collect::<Vec<_>>().join(", ")
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "no process here is so large")]
fn mebibytes(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}

fn middle_duration(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let values = sorted(values);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The median, and the first and the third quarter.
fn median(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> String {
    let values = sorted(samples.iter().map(of));
    let at = |place: usize| values.get(place).copied().unwrap_or_default();
    let (low, high) = (at(values.len() / 4), at(values.len() * 3 / 4));
    format!("{:.1} ({low:.1} to {high:.1})", at(values.len() / 2))
}

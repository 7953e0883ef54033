//! What a job costs at AWS: table units, queue requests and calls of functions, counted on the way of real
//! requests.
//!
//! Counts do not depend on the machine. They stand beside the least that any design of this kind could do, and
//! a change for the worse fails the bench. Dollars are counts times published prices; only the duration of an
//! invocation is assumed.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench may fall over, as a test may"
)]

mod cases;
#[path = "../../tests/scenarios/ingress_support.rs"]
#[expect(dead_code, reason = "scenarios need more of it than a bench does")]
mod ingress_support;
#[path = "../../tests/scenarios/leftovers.rs"]
#[expect(dead_code, reason = "scenarios need more of it than a bench does")]
mod leftovers;
mod prices;
#[path = "../../tests/scenarios/support.rs"]
#[expect(dead_code, reason = "scenarios need more of it than a bench does")]
mod support;

use std::{
    collections::BTreeMap,
    io::{self, Write},
    process::ExitCode,
};

use aws_local::{Call, Counts};
use prices::{Used, floor, idle_month, naive};
use support::World;

/// How many jobs are asked for at once, and how many daemons share them.
const CROWD: (u32, usize) = (100, 4);

/// The most that each may use: writes, reads, queue requests and calls of functions.
struct Budget(f64, f64, f64, f64);

/// One line of the table.
struct Line {
    name: &'static str,
    used: Used,
    budget: Option<Budget>,
}

fn main() -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure())
}

async fn measure() -> io::Result<ExitCode> {
    let world = cases::stack().await;
    let memory = memory(&world);
    let tick = cases::tick(&world).await;
    let month = idle_month(&tick, 1.0);
    let line = |name, used, budget: Budget| Line {
        name,
        used,
        budget: Some(budget),
    };
    let talk = cases::talk(&world).await;
    let echo = cases::echo(&world).await;
    let world = cases::stack().await;
    let (job, counts) = cases::job(&world).await;
    let calls = world.stack.endpoints().calls();
    let crowd = cases::crowd(&cases::stack().await, CROWD.0, CROWD.1).await;
    let long = cases::long_job(&cases::stack().await).await;
    let lines = [
        line("a comment that asks for nothing", talk, TALK),
        line("an echo of our own comment", echo, ECHO),
        line("a job of seconds, alone", job, JOB),
        line("a job of seconds, one of a hundred", crowd, CROWDED),
        line("a job of ten minutes", long, LONG),
        line("a look of the scheduler", tick, TICK),
        bare("the least any such design can do", floor()),
        bare("the same job when nobody counts", naive()),
    ];
    let mut out = io::stdout().lock();
    table(&mut out, &lines, &memory)?;
    idle(&mut out, &month, &memory)?;
    details(&mut out, &counts, &calls)?;
    judge(&mut out, &lines)
}

/// Nothing but the verdict on a person's words.
const TALK: Budget = Budget(1.0, 1.0, 3.0, 2.0);
const ECHO: Budget = Budget(0.0, 0.0, 0.0, 1.0);
/// Two that would move a run on at once may get in each other's way, which costs a write.
const JOB: Budget = Budget(21.0, 25.0, 6.0, 17.0);
const CROWDED: Budget = Budget(21.0, 26.0, 5.0, 17.0);
/// `relay` reads head and step for each of some forty changes, with the newest progress, which is up to two units, and
/// the head again after an edit.
const LONG: Budget = Budget(61.0, 235.0, 13.0, 90.0);
/// Half a unit for each of sixteen shards, and a fifth of a look for lost deliveries.
const TICK: Budget = Budget(0.4, 8.2, 0.0, 1.0);

fn bare(name: &'static str, used: Used) -> Line {
    Line {
        name,
        used,
        budget: None,
    }
}

/// The memory of each function in MiB, as the template has it.
fn memory(world: &World) -> BTreeMap<String, u32> {
    let functions = world.stack.template().functions.iter();
    functions
        .map(|function| (function.name.clone(), function.memory_mb))
        .collect()
}

fn table(out: &mut impl Write, lines: &[Line], memory: &BTreeMap<String, u32>) -> io::Result<()> {
    writeln!(
        out,
        "{:<36}{:>8}{:>8}{:>8}{:>8}{:>14}{:>11}{:>9}",
        "dollars for a million",
        "writes",
        "reads",
        "queue",
        "calls",
        "table+queue",
        "functions",
        "all"
    )?;
    for Line { name, used, .. } in lines {
        let (data, compute) = (used.data(), used.compute(memory));
        writeln!(
            out,
            "{name:<36}{:>8.1}{:>8.1}{:>8.1}{:>8.1}{data:>14.2}{compute:>11.2}{:>9.2}",
            used.writes,
            used.reads,
            used.queue,
            used.calls(),
            data + compute,
        )?;
    }
    Ok(())
}

fn idle(out: &mut impl Write, month: &Used, memory: &BTreeMap<String, u32>) -> io::Result<()> {
    let million = 1_000_000.0;
    let (data, compute) = (month.data() / million, month.compute(memory) / million);
    writeln!(
        out,
        "\nA month in which nothing happens, with one daemon waiting: {:.0} queue requests, {:.0} reads, {:.0} \
         ticks: ${data:.2} + ${compute:.2} = ${:.2}",
        month.queue,
        month.reads,
        month.ticks,
        data + compute,
    )
}

fn details(out: &mut impl Write, counts: &Counts, calls: &[(Call, u64)]) -> io::Result<()> {
    writeln!(out, "\nTable units of the job of seconds by operation:")?;
    for (operation, units) in &counts.dynamodb_operations {
        if units.write + units.read > 0.0 {
            let (write, read) = (units.write, units.read);
            writeln!(out, "  {operation:<12}{write:>6.1} written{read:>6.1} read")?;
        }
    }
    writeln!(out, "By table and index:")?;
    for (resource, units) in &counts.dynamodb_resources {
        let (write, read) = (units.write, units.read);
        writeln!(out, "  {resource:<36}{write:>6.1} written{read:>6.1} read")?;
    }
    writeln!(out, "Its calls by function:")?;
    let mut by_action = BTreeMap::new();
    for (call, times) in calls {
        let key = (&call.caller, call.service, &call.action);
        *by_action.entry(key).or_insert(0) += times;
    }
    for ((caller, service, action), times) in by_action {
        writeln!(out, "  {caller:<16}{service:<12}{action:<24}{times:>3}")?;
    }
    Ok(())
}

/// Says which budgets are exceeded, and fails if any is.
fn judge(out: &mut impl Write, lines: &[Line]) -> io::Result<ExitCode> {
    let mut verdict = ExitCode::SUCCESS;
    for Line { name, used, budget } in lines {
        let Some(Budget(writes, reads, queue, calls)) = budget else {
            continue;
        };
        for (what, is, most) in [
            ("writes", used.writes, *writes),
            ("reads", used.reads, *reads),
            ("queue requests", used.queue, *queue),
            ("calls", used.calls(), *calls),
        ] {
            if is > most {
                verdict = ExitCode::FAILURE;
                writeln!(
                    out,
                    "TOO MUCH: {name} takes {is:.1} {what}; the budget is {most:.1}"
                )?;
            }
        }
    }
    Ok(verdict)
}

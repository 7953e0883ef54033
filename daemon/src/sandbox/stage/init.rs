//! Process 1 of a job's namespaces.

use std::{
    os::fd::AsFd as _,
    process::{ExitCode, Stdio},
    sync::mpsc::{Sender, channel},
};

use rustix::process::{
    Pid, Signal, WaitOptions, kill_process_group, set_parent_process_death_signal, wait,
};

use super::{At as _, Program, StepError, mounts, next};
use crate::sandbox::{
    control::{Control, TERMINATE, Word},
    plan::{Plan, Rights, Stage},
};

enum Event {
    /// The daemon asks the program to end.
    Asked,
    /// The daemon is gone or wants the end at once.
    Gone,
    /// A process has ended.
    Ended(Pid, i32),
}

/// Puts the job's file system together, starts the program and waits for its end. Whatever else runs then ends with
/// this process: the system sees to it.
pub(super) fn init(
    plan: Plan,
    control: &Control,
    program: &Program,
) -> Result<ExitCode, StepError> {
    set_parent_process_death_signal(Some(Signal::KILL)).at("be bound to the parent")?;
    let input = control.take().at("take the program's input")?;
    nix::unistd::sethostname("job").at("name the machine")?;
    if let Some(namespaces) = &plan.namespaces {
        mounts::furnish(namespaces)?;
        if namespaces.rights == Rights::User {
            // The next stage's own is the last one. With root's rights this would be said to the whole machine.
            let _where_possible = std::fs::write("/proc/sys/user/max_user_namespaces", "1");
        }
    }
    let (inner, leader) = start(plan, program)?;
    let descriptors: Vec<_> = input.iter().map(|input| input.as_fd()).collect();
    inner
        .give(&descriptors)
        .at("hand over the program's input")?;
    drop(input);
    let status = attend(leader)?;
    for word in inner.words() {
        control.tell(&word).at("say what failed")?;
    }
    if let Some(status) = status {
        control.tell(&Word::Ended(status)).at("say how it ended")?;
    }
    Ok(ExitCode::SUCCESS)
}

// The command holds the line's other end and goes with this call, so that the line ends with the program.
fn start(plan: Plan, program: &Program) -> Result<(Control, Option<Pid>), StepError> {
    let (inner, theirs) = Control::pair().at("make a line to the program")?;
    let mut job = next(&Stage::Become(plan), program)?;
    let job = job
        .stdin(Stdio::from(theirs))
        .spawn()
        .at("start the program")?;
    let leader = i32::try_from(job.id()).ok().and_then(Pid::from_raw);
    Ok((inner, leader))
}

/// The status with which the program ended; nothing if it was the daemon that ended.
fn attend(leader: Option<Pid>) -> Result<Option<i32>, StepError> {
    let (sender, events) = channel();
    let control = Control::inherited().at("hear the daemon")?;
    let ended = sender.clone();
    std::thread::spawn(move || bury(&ended));
    std::thread::spawn(move || listen(&control, &sender));
    for event in events {
        match event {
            Event::Asked => {
                if let Some(leader) = leader {
                    // It may just have ended.
                    let _gone = kill_process_group(leader, Signal::TERM);
                }
            }
            Event::Gone => return Ok(None),
            Event::Ended(pid, status) if Some(pid) == leader => return Ok(Some(status)),
            Event::Ended(..) => {}
        }
    }
    Ok(None)
}

fn bury(events: &Sender<Event>) {
    while let Ok(Some((pid, status))) = wait(WaitOptions::empty()) {
        if events.send(Event::Ended(pid, status.as_raw())).is_err() {
            return;
        }
    }
}

fn listen(control: &Control, events: &Sender<Event>) {
    while let Some(wish) = control.wish() {
        if wish == TERMINATE && events.send(Event::Asked).is_err() {
            return;
        }
    }
    // Nobody waits if the program has ended.
    let _heard = events.send(Event::Gone);
}

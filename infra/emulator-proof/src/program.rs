//! What the commands do.

use std::{io::Write, path::Path, sync::Arc};

use anyhow::{Result, bail};
use domain::{SharedClock, SystemClock};
use tokio::signal;

use crate::{
    arguments::{Arguments, Command},
    board::Board,
    check::{self, Lease},
    people::Place,
    proof::UNPROVEN,
    ready,
    stage::Stage,
    state::{self, State},
    worker::Worker,
};

/// A stack that stays up, with its daemon and the issue of the main job.
type Standing = (Stage, Worker, Place);

/// Runs a command. Fails if something did not hold, and then shows the ends of the logs and leaves them.
pub async fn run(arguments: Arguments, out: &mut (dyn Write + Send)) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("functions are built for Linux and run as they are, so this needs a Linux machine");
    }
    let clock: SharedClock = Arc::new(SystemClock);
    let (Command::Check { options, .. } | Command::Serve { options }) = &arguments.command;
    let state = State::new(options.state.as_deref())?;
    let mut board = Board::new(out, clock.clone());
    let done = Box::pin(all(&arguments.command, state.path(), clock, &mut board)).await;
    if done.is_err() {
        let folder = state.keep().join("log");
        if let Ok(tails) = state::tails(&folder) {
            board.say(&tails)?;
        }
        board.say(&format!("all logs: {}", folder.display()))?;
    }
    done
}

async fn all(
    command: &Command,
    folder: &Path,
    clock: SharedClock,
    board: &mut Board<'_>,
) -> Result<()> {
    // What is dropped when somebody interrupts takes its processes with it.
    let standing = tokio::select! {
        done = work(command, folder, clock, board) => done?,
        interrupted = interrupted() => interrupted.and_then(|()| bail!("interrupted"))?,
    };
    let Some((stage, mut worker, place)) = standing else {
        return Ok(());
    };
    board.say(&ready::text(&stage, &place)?)?;
    tokio::select! {
        ended = worker.wait() => bail!("the daemon ended: {}", ended?),
        interrupted = interrupted() => interrupted,
    }
}

/// Does what the command says, up to where the stack only has to stay up.
async fn work(
    command: &Command,
    folder: &Path,
    clock: SharedClock,
    board: &mut Board<'_>,
) -> Result<Option<Standing>> {
    let (Command::Check { options, .. } | Command::Serve { options }) = command;
    let stage = Stage::raise(options, folder, clock, board).await?;
    match Box::pin(proved(command, &stage, board)).await {
        Ok(Some((worker, place))) => Ok(Some((stage, worker, place))),
        Ok(None) => Ok(None),
        Err(error) => {
            // What failed first matters more than that its logs cannot be had.
            stage.save_logs().await.ok();
            Err(error)
        }
    }
}

async fn proved(
    command: &Command,
    stage: &Stage,
    board: &mut Board<'_>,
) -> Result<Option<(Worker, Place)>> {
    let &Command::Check { patient, keep, .. } = command else {
        let (worker, place, _) = check::main_job(stage, board).await?;
        return Ok(Some((worker, place)));
    };
    let lease = if patient {
        Lease::WaitedOut
    } else {
        Lease::Left
    };
    let (worker, place) = Box::pin(check::everything(stage, board, lease)).await?;
    let standing = if keep {
        Some((worker, place))
    } else {
        check::end(stage, board, worker).await?;
        None
    };
    board.table(&UNPROVEN)?;
    Ok(standing)
}

/// Waits for Ctrl-C or the system's request to end.
async fn interrupted() -> Result<()> {
    let mut terminated = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = signal::ctrl_c() => Ok(interrupted?),
        _ = terminated.recv() => Ok(()),
    }
}

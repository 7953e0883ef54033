//! Running one program under limits.

use std::{ffi::OsString, io, path::PathBuf, pin::Pin, process::ExitStatus, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::ChildStdin,
    time::{sleep, timeout},
};

use super::{NotEmpty, Pulse, lines::Lines, tail::Tail};
use crate::{
    sandbox::{Running, Sandbox},
    workspace::Workspace,
};

/// How long a program may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(2);
/// How long output is still read after the program and all it started are gone.
const DRAIN: Duration = Duration::from_secs(2);
/// The longest line that is understood.
const LINE_LIMIT: usize = 1024 * 1024;
/// How much of the end of the output is kept.
const TAIL_LIMIT: usize = 64 * 1024;

/// A program with everything it is started with. It inherits nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    /// The program.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<OsString>,
    /// Its whole environment.
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// The folder it starts in.
    pub(crate) folder: PathBuf,
    /// What it reads on standard input.
    pub(crate) input: Vec<u8>,
    /// Ports of the daemon's loopback that it may reach even if its network is another.
    pub(crate) doors: Vec<u16>,
}

/// What a program may use up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How long it may run.
    pub(crate) wall: Duration,
    /// How many bytes it may write to standard output and standard error together.
    pub(crate) output_bytes: u64,
}

/// Who watches a program while it runs.
pub(crate) struct Watch<'a> {
    /// Hears each line of its standard output.
    pub(crate) on_line: &'a mut (dyn FnMut(&str) + Send),
    /// Beats with everything it writes.
    pub(crate) pulse: &'a Pulse,
    /// Ends it by completing, with the reason.
    pub(crate) until: Pin<&'a mut (dyn Future<Output = ProcessExit> + Send)>,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProcessExit {
    /// By itself.
    Exited(ExitStatus),
    /// It was stopped because its time was up.
    TimedOut,
    /// It was stopped because it gave no sign of life for too long.
    Idle,
    /// It was stopped because its model cannot be had.
    Hopeless,
    /// It was stopped because it wrote too much.
    Flooded,
    /// It was stopped because the job took too much room on the disk.
    Overfull,
}

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct ProcessResult {
    /// How.
    pub(crate) end: ProcessExit,
    /// The last part of its output.
    pub(crate) tail: Vec<u8>,
}

/// A program could not be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// There is no such program, or it may not be run.
    #[error("the program cannot be started: {0}")]
    Missing(io::Error),
    /// The system has no room for another process, or lost track of this one.
    #[error("the process cannot be run: {0}")]
    System(io::Error),
    /// What it started may still run.
    #[error(transparent)]
    NotEmpty(#[from] NotEmpty),
}

/// Runs a program of the job that `workspace` belongs to to its end, under the eyes of `watch`. When this returns it
/// is proved that nothing that the program started is running any more.
pub(crate) async fn supervise(
    call: &Invocation,
    limits: Limits,
    sandbox: &Sandbox,
    workspace: &Workspace,
    watch: Watch<'_>,
) -> Result<ProcessResult, StartError> {
    let mut running = sandbox.start(call, workspace).await?;
    let input = feed(running.input.take(), &call.input);
    let mut output = Output::new(limits.output_bytes, watch.pulse, watch.on_line);
    let (out, err) = (running.output.take(), running.errors.take());
    let mut end;
    {
        let mut reading = std::pin::pin!(output.read(out, err));
        let attended = attend(
            &mut running,
            reading.as_mut(),
            input,
            watch.until,
            limits.wall,
        );
        end = tokio::select! {
            attended = attended => attended.map_err(StartError::System)?,
            () = sandbox.overfull(workspace) => (ProcessExit::Overfull, true),
        };
        if !matches!(end.0, ProcessExit::Exited(_)) {
            terminate(&mut running).await;
        }
        running.kill();
        sandbox.clear(workspace).await?;
        if end.1
            && let Ok(Some(last)) = timeout(DRAIN, reading).await
        {
            end.0 = last;
        }
    }
    if let ProcessExit::Exited(status) = end.0 {
        end.0 = ProcessExit::Exited(running.verdict(status)?);
    }
    Ok(ProcessResult {
        end: end.0,
        tail: output.tail.into_bytes(),
    })
}

async fn feed(stdin: Option<ChildStdin>, input: &[u8]) {
    if let Some(mut stdin) = stdin {
        // A program need not read what it is told.
        let _closed = stdin.write_all(input).await;
    }
}

// Says how the program ended and whether its output is still open.
async fn attend(
    running: &mut Running,
    mut reading: Pin<&mut (impl Future<Output = Option<ProcessExit>> + Send)>,
    input: impl Future<Output = ()> + Send,
    mut until: Pin<&mut (dyn Future<Output = ProcessExit> + Send)>,
    wall: Duration,
) -> io::Result<(ProcessExit, bool)> {
    let mut input = std::pin::pin!(input);
    let mut deadline = std::pin::pin!(sleep(wall));
    let (mut writing, mut open) = (true, true);
    loop {
        tokio::select! {
            status = running.ended() => return Ok((ProcessExit::Exited(status?), open)),
            stop = reading.as_mut(), if open => match stop {
                Some(end) => return Ok((end, false)),
                None => open = false,
            },
            () = input.as_mut(), if writing => writing = false,
            end = until.as_mut() => return Ok((end, open)),
            () = deadline.as_mut() => return Ok((ProcessExit::TimedOut, open)),
        }
    }
}

async fn terminate(running: &mut Running) {
    running.terminate();
    // Whether it ended by itself or is ended next makes no difference.
    let _ended = timeout(GRACE, running.ended()).await;
}

struct Output<'a> {
    lines: Lines,
    tail: Tail,
    left: u64,
    pulse: &'a Pulse,
    on_line: &'a mut (dyn FnMut(&str) + Send),
}

impl<'a> Output<'a> {
    fn new(limit: u64, pulse: &'a Pulse, on_line: &'a mut (dyn FnMut(&str) + Send)) -> Self {
        Self {
            lines: Lines::new(LINE_LIMIT),
            tail: Tail::new(TAIL_LIMIT),
            left: limit,
            pulse,
            on_line,
        }
    }

    // Ends with nothing when both streams have ended, or with the reason to stop the program.
    async fn read(
        &mut self,
        mut out: Option<impl AsyncRead + Unpin + Send>,
        mut err: Option<impl AsyncRead + Unpin + Send>,
    ) -> Option<ProcessExit> {
        let (mut from_out, mut from_err) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
        while out.is_some() || err.is_some() {
            let (read, is_out) = tokio::select! {
                read = next(out.as_mut(), &mut from_out), if out.is_some() => (read, true),
                read = next(err.as_mut(), &mut from_err), if err.is_some() => (read, false),
            };
            let bytes = if is_out {
                &from_out[..read]
            } else {
                &from_err[..read]
            };
            if read == 0 && is_out {
                out = None;
            } else if read == 0 {
                err = None;
            } else if !self.take(bytes, is_out) {
                return Some(ProcessExit::Flooded);
            }
        }
        self.lines.finish(self.on_line);
        None
    }

    // Says whether there may be more.
    fn take(&mut self, bytes: &[u8], is_out: bool) -> bool {
        self.pulse.beat();
        self.tail.push(bytes);
        if is_out {
            self.lines.push(bytes, self.on_line);
        }
        let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left
            .checked_sub(count)
            .map(|left| self.left = left)
            .is_some()
    }
}

// A stream that fails has ended.
async fn next(stream: Option<&mut (impl AsyncRead + Unpin + Send)>, into: &mut [u8]) -> usize {
    match stream {
        Some(stream) => stream.read(into).await.unwrap_or(0),
        None => 0,
    }
}

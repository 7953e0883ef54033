//! The main job, shown on a demonstration repository.

mod scene;

use std::{
    fs,
    io::{self, IsTerminal},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use domain::{Run, RunState, Tracking};
use tokio::{sync::mpsc, time::timeout};

use crate::{
    cli::{Vars, daemon_command, interrupted, keep_a_daemon},
    demo_repository,
    narrator::{Narrator, Ready, Station, Style},
    observer::Observer,
    stack::{Stack, StackConfig},
    voice::Voice,
};
use scene::Scene;

/// How long the demonstration may take before something must be wrong.
const PATIENCE: Duration = Duration::from_mins(2);

/// What follows the demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Afterwards {
    /// The end.
    End,
    /// Serving until Ctrl-C.
    Serve,
}

/// Shows the main job. Fails if the job did not succeed.
pub(crate) async fn run(config: StackConfig, vars: &Vars, afterwards: Afterwards) -> Result<()> {
    fs::create_dir_all(&config.state)?;
    let voice = Voice::start(&config.state, vars)?;
    let state = config.state.clone();
    let stack = Stack::start(config).await?;
    stack
        .github()
        .context("the demonstration needs the simulated GitHub")?;
    let (stations, mut passing) = mpsc::unbounded_channel();
    let observer = Observer::new(&stack, stations.clone()).await?;
    let watching = tokio::spawn(observer.watch());

    let mut daemon = daemon_command(vars)?;
    for (name, value) in scene::daemon_settings() {
        daemon.settings.insert(name.to_owned(), value);
    }
    let mut narrator = Narrator::new(io::stdout(), style(), stack.clock().now());
    let shown = tokio::select! {
        shown = show(&stack, &stations, &mut passing, &mut narrator) => shown,
        ended = keep_a_daemon(&stack, &daemon) => ended.and_then(|()| bail!("the daemon ended")),
        interrupted = interrupted() => interrupted.and_then(|()| bail!("interrupted")),
    };
    let served = match (shown, afterwards) {
        (Ok(scene), Afterwards::Serve) => {
            narrator.ready(&ready(&stack, &scene, &state)?)?;
            tokio::select! {
                () = narrate(&stack, &mut passing, &mut narrator) => Ok(()),
                ended = keep_a_daemon(&stack, &daemon) => ended,
                interrupted = interrupted() => interrupted,
            }
        }
        (shown, _) => shown.map(drop),
    };
    watching.abort();
    stack.shutdown().await;
    voice.end().await;
    served.with_context(|| format!("see the logs in {}", state.join("log").display()))
}

/// Plays the scene and waits for its end. Everything is shown as it passes.
async fn show(
    stack: &Stack,
    stations: &mpsc::UnboundedSender<Station>,
    passing: &mut mpsc::UnboundedReceiver<Station>,
    narrator: &mut Narrator<io::Stdout>,
) -> Result<Scene> {
    let play = async {
        let scene = scene::play(stack, stations).await?;
        let run = timeout(PATIENCE, scene::end_of_run(stack, &scene)).await;
        let run = run.context("the job did not end in time")??;
        Ok::<_, anyhow::Error>((scene, run))
    };
    tokio::pin!(play);
    let ended = loop {
        tokio::select! {
            biased;
            Some(station) = passing.recv() => narrator.tell(&station, stack.clock().now())?,
            ended = &mut play => break ended,
        }
    };
    // What was sent before the end is shown before the summary.
    while let Ok(Some(station)) = timeout(Duration::from_millis(300), passing.recv()).await {
        narrator.tell(&station, stack.clock().now())?;
    }
    let (scene, run) = ended?;
    judge(&run)?;
    Ok(scene)
}

async fn narrate(
    stack: &Stack,
    passing: &mut mpsc::UnboundedReceiver<Station>,
    narrator: &mut Narrator<io::Stdout>,
) {
    while let Some(station) = passing.recv().await {
        if narrator.tell(&station, stack.clock().now()).is_err() {
            return;
        }
    }
}

fn judge(run: &Run) -> Result<()> {
    match (run.state(), run.tracking, run.failure()) {
        (RunState::Succeeded, Tracking::Reported(_), _) => Ok(()),
        (_, _, Some(failure)) => bail!("{} {}", failure.kind().reason(), failure.kind().solution()),
        (state, tracking, None) => bail!("the run ended {state:?}, told {tracking:?}"),
    }
}

fn ready(stack: &Stack, scene: &Scene, state: &Path) -> Result<Ready> {
    let sim = stack.github()?;
    Ok(Ready {
        github: sim.base_url().to_string(),
        issue: scene.issue_url.clone(),
        webhook: stack.url().join("webhooks/github")?.to_string(),
        secret: stack.webhook_secret().clone(),
        state: state.display().to_string(),
        trigger: format!("comment `bot:investigate` on {}", scene.issue_url),
        agent: demo_repository::COMMAND.join(" "),
    })
}

fn style() -> Style {
    if io::stdout().is_terminal() {
        Style::Colour
    } else {
        Style::Plain
    }
}

//! The main job, shown on a demonstration repository.

mod scene;

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use domain::{Run, RunState};
use tokio::{sync::mpsc, time::timeout};

use super::{Daemons, Launch, Options, end, interrupted, keep};
use crate::{
    agents::Agent,
    daemons::DaemonEvent,
    observer::Observer,
    progress_view::{Milestone, ProgressView, Ready, Style},
    stack::Stack,
    vars::Vars,
};
use scene::Scene;
pub(crate) use scene::furnish;

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
pub(crate) async fn run(options: Options, vars: &Vars, afterwards: Afterwards) -> Result<()> {
    ensure!(
        options.daemons() == Daemons::One && options.is_simulated(),
        "the demonstration needs the simulated GitHub and a daemon: leave out --github and --without-daemon"
    );
    let mut launch = Launch::start(&options, vars, Some(Agent::Demonstration)).await?;
    let state = launch.stack.state().to_owned();
    let shown = present(&mut launch, afterwards).await;
    launch.stack.shutdown().await;
    launch.logging.end().await;
    shown.with_context(|| format!("see the logs in {}", state.join("log").display()))
}

/// Everything that can be seen, from the first milestone to the end of the daemon.
async fn present(launch: &mut Launch, afterwards: Afterwards) -> Result<()> {
    let Launch {
        stack,
        keeper,
        agent,
        sandbox,
        ..
    } = launch;
    let (milestones, mut passing) = mpsc::unbounded_channel();
    let observer = Observer::new(stack, milestones.clone()).await?;
    let watching = tokio::spawn(observer.watch());
    let mut view = ProgressView::new(io::stdout(), style(), stack.clock().now());
    let tell = |event: DaemonEvent| {
        // An end that everybody waits for needs no words.
        if afterwards == Afterwards::End && !matches!(event, DaemonEvent::Ended { .. }) {
            return;
        }
        // Nobody listening means that the view has ended.
        let _ended = milestones.send(Milestone::Daemon(event)).is_err();
    };
    milestones.send(Milestone::Agent {
        agent: agent.clone(),
        sandbox: sandbox.clone(),
    })?;
    let shown = tokio::select! {
        shown = show(stack, &milestones, &mut passing, &mut view) => shown,
        ended = keep(keeper.as_mut(), stack, tell) => ended.and_then(|()| bail!("the daemon ended")),
        interrupted = interrupted() => interrupted.and_then(|()| bail!("interrupted")),
    };
    let served = match (shown, afterwards) {
        (Ok(scene), Afterwards::Serve) => {
            view.ready(&ready(stack, &scene, agent)?)?;
            tokio::select! {
                () = follow(stack, &mut passing, &mut view) => Ok(()),
                ended = keep(keeper.as_mut(), stack, tell) => ended,
                interrupted = interrupted() => interrupted,
            }
        }
        (shown, _) => shown.map(drop),
    };
    let ended = tokio::select! {
        ended = end(keeper.as_mut(), tell) => ended,
        () = follow(stack, &mut passing, &mut view) => Ok(()),
    };
    while let Ok(milestone) = passing.try_recv() {
        view.tell(&milestone, stack.clock().now())?;
    }
    watching.abort();
    served.and(ended)
}

/// Plays the scene and waits for its end. Everything is shown as it passes.
async fn show(
    stack: &Stack,
    milestones: &mpsc::UnboundedSender<Milestone>,
    passing: &mut mpsc::UnboundedReceiver<Milestone>,
    view: &mut ProgressView<io::Stdout>,
) -> Result<Scene> {
    let play = async {
        let scene = scene::play(stack, milestones).await?;
        let run = timeout(PATIENCE, scene::end_of_run(stack, &scene)).await;
        let run = run.context("the job did not end in time")??;
        Ok::<_, anyhow::Error>((scene, run))
    };
    tokio::pin!(play);
    let ended = loop {
        tokio::select! {
            biased;
            Some(milestone) = passing.recv() => view.tell(&milestone, stack.clock().now())?,
            ended = &mut play => break ended,
        }
    };
    // What was sent before the end is shown before the summary.
    while let Ok(Some(milestone)) = timeout(Duration::from_millis(300), passing.recv()).await {
        view.tell(&milestone, stack.clock().now())?;
    }
    let (scene, run) = ended?;
    judge(&run)?;
    Ok(scene)
}

async fn follow(
    stack: &Stack,
    passing: &mut mpsc::UnboundedReceiver<Milestone>,
    view: &mut ProgressView<io::Stdout>,
) {
    while let Some(milestone) = passing.recv().await {
        if view.tell(&milestone, stack.clock().now()).is_err() {
            return;
        }
    }
}

fn judge(run: &Run) -> Result<()> {
    match (run.state(), run.failure()) {
        (RunState::Succeeded, _) if run.is_told() => Ok(()),
        (_, Some(failure)) => bail!("{} {}", failure.kind().reason(), failure.kind().solution()),
        (state, None) => bail!("the run ended {state:?}, told {:?}", run.place()),
    }
}

fn ready(stack: &Stack, scene: &Scene, agent: &str) -> Result<Ready> {
    let sim = stack.github()?;
    Ok(Ready {
        github: sim.base_url().to_string(),
        issue: scene.issue_url.clone(),
        api: stack.api_url().to_string(),
        webhook: stack.url().join("webhooks/github")?.to_string(),
        secret: stack.webhook_secret().clone(),
        state: stack.state().display().to_string(),
        trigger: format!("comment `bot:investigate` on {}", scene.issue_url),
        agent: agent.to_owned(),
    })
}

fn style() -> Style {
    if io::stdout().is_terminal() {
        Style::Colour
    } else {
        Style::Plain
    }
}

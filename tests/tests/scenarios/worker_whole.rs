//! The whole machine killed with -9, the simulated GitHub and its pages included.

use std::{net::SocketAddr, process::Stdio, sync::Arc};

use domain::ManualClock;
use jiff::SignedDuration;
use local::{GitHubAt, Schedule, Stack, StackConfig};
use simgithub::Comment;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
};

use crate::{
    support::{ADA, HONEST_AGENT, PATIENCE, PROGRAM, REPOSITORY, furnish},
    worker_machine::{Machine, agent, free_addresses, kill, listens},
    worker_support::Gate,
};

/// Longer than between two looks for lost deliveries.
const A_LOOK_LATER: SignedDuration = SignedDuration::from_mins(11);

/// One directory and the addresses that belong to it.
struct Whole {
    state: TempDir,
    addresses: [SocketAddr; 3],
    issue: u64,
}

impl Whole {
    /// A machine that was set up and stopped in good order.
    async fn prepared() -> Self {
        let mut whole = Self {
            state: TempDir::new().unwrap(),
            addresses: free_addresses(),
            issue: 0,
        };
        let (stack, _) = whole.inside(SignedDuration::ZERO).await;
        (_, whole.issue) = furnish(stack.github().unwrap()).await;
        stack.shutdown().await;
        whole
    }

    /// The stack within this process, this long after now, and its clock.
    async fn inside(&self, later: SignedDuration) -> (Stack, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        clock.advance(later);
        let mut config = StackConfig::new(self.state.path().to_owned());
        [config.listen, config.aws, _] = self.addresses;
        config.api.set_port(0);
        config.github = GitHubAt::Simulated(self.addresses[2]);
        config.schedule = Schedule::ByHand;
        // Daemons know the machine's own clock only.
        let far = ("SWITCHYARD_CLOCK_SECONDS".to_owned(), "86400".to_owned());
        config.settings.extend([far]);
        config.clock = Arc::clone(&clock) as domain::SharedClock;
        (Stack::start(config).await.unwrap(), clock)
    }

    /// The stack as a process whose daemon runs `script` as its agent.
    async fn up(&self, script: &str) -> Child {
        let [listen, aws, github] = self.addresses.map(|address| address.to_string());
        let mut up = Command::new(PROGRAM)
            .args(["up", "--listen", &listen, "--aws", &aws])
            .args(["--api", "127.0.0.1:0"])
            .args(["--github-listen", &github, "--state"])
            .arg(self.state.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("SWITCHYARD_HARNESS", "command")
            .env("SWITCHYARD_SANDBOX", "none")
            .env("SWITCHYARD_COMMAND", agent(script))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        for address in self.addresses {
            listens(&mut up, address).await;
        }
        up
    }

    /// Comments in the form of the issue's page, as a browser would.
    async fn comment(&self, text: &str) {
        let form = format!("author={ADA}&body={}", text.replace(':', "%3A"));
        let request = format!(
            "POST /{REPOSITORY}/issues/{}/comments HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.issue,
            self.addresses[2],
            form.len()
        );
        let mut connection = TcpStream::connect(self.addresses[2]).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    }

    /// Starts again after an outage, with a daemon, and waits for the good end.
    async fn ends_well(&self) {
        let (stack, clock) = self.inside(SignedDuration::from_mins(20)).await;
        bring_what_was_lost(&stack, &clock).await;
        let _daemon = Machine::daemon(&stack, HONEST_AGENT);
        let github = stack.github().unwrap();
        let done = || async {
            let mut comments: Vec<Comment> = github.comments(REPOSITORY, self.issue).await?;
            comments.retain(|comment| comment.via_app);
            assert!(comments.len() < 2, "{comments:#?}");
            let comment = comments.pop();
            Ok(comment.filter(|one| one.body.contains("`implement` succeeded")))
        };
        github.wait_for(PATIENCE, done).await.unwrap();
        let pulls = github.pulls(REPOSITORY).await.unwrap();
        assert_eq!(pulls.len(), 1, "{pulls:#?}");
    }
}

/// The simulated GitHub sends once, and it may have sent while nobody listened: then it takes the scheduler to ask for it.
async fn bring_what_was_lost(stack: &Stack, clock: &ManualClock) {
    let github = stack.github().unwrap();
    let sent = || async {
        let all = github.deliveries().await?;
        let pending = all.iter().any(|one| one.status.is_none());
        Ok((!pending).then_some(all))
    };
    let sent = github.wait_for(PATIENCE, sent).await.unwrap();
    if sent.iter().all(|one| one.status_code == Some(202)) {
        return;
    }
    clock.advance(A_LOOK_LATER);
    stack.clock_moved();
    stack.tick().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_right_after_a_person_commented() {
    let whole = Whole::prepared().await;
    let up = whole.up(HONEST_AGENT).await;
    whole.comment("bot:implement").await;
    kill(up).await;
    whole.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_with_everything_while_an_agent_works() {
    let (whole, gate) = (Whole::prepared().await, Gate::new());
    let up = whole.up(&gate.agent()).await;
    whole.comment("bot:implement").await;
    gate.reached().await;
    kill(up).await;
    whole.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_with_everything_when_the_work_is_done() {
    let (whole, gate) = (Whole::prepared().await, Gate::new());
    let last = format!("{HONEST_AGENT}\necho 1 > {}\n", gate.path("done").display());
    let up = whole.up(&gate.before(&last)).await;
    whole.comment("bot:implement").await;
    gate.reached().await;
    gate.open();
    // Somewhere between the agent's last word and the last edit of the comment.
    crate::worker_support::until("the agent is done", || gate.path("done").exists()).await;
    kill(up).await;
    whole.ends_well().await;
}

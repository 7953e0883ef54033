//! What the scenarios of the way in are written with: webhooks sent by hand, queues looked at, faults waited
//! for.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_sqs::Client as Sqs;
use domain::{Clock as _, DefinitionName, Delivery, Run, Verdict};
use http::{HeaderMap, HeaderName, StatusCode};
use jiff::SignedDuration;
use kit::Clients;
use local::template::Queue;
use secrecy::ExposeSecret as _;
use store::Store;

use crate::support::{ADA, PATIENCE, REPOSITORY, World};

/// The queue from `webhook` to `triage`, in the template.
pub(crate) const DELIVERIES: &str = "DeliveriesQueue";
/// The queue from `triage` to the daemons, in the template.
pub(crate) const JOBS: &str = "JobsQueue";
/// A little more than the time for which a received delivery is hidden.
pub(crate) const COMES_AGAIN: SignedDuration = SignedDuration::from_secs(181);
/// Between two looks at something that cannot say that it changed.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Waits until `look` finds something.
pub(crate) async fn eventually<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, looking).await;
    found.unwrap_or_else(|_| panic!("never came true: {what}"))
}

/// A webhook that GitHub would send.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) guid: String,
    pub(crate) event: String,
    pub(crate) body: Vec<u8>,
}

impl Hook {
    /// The same webhook about something else.
    pub(crate) fn with_body(&self, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..self.clone()
        }
    }

    /// The headers that GitHub sends, signed with `secret`.
    pub(crate) fn headers(&self, secret: &str) -> HeaderMap {
        let signature = simgithub::sign_sha256(secret.as_bytes(), &self.body);
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", "application/json"),
            ("x-github-delivery", &self.guid),
            ("x-github-event", &self.event),
            ("x-hub-signature-256", &signature),
        ] {
            headers.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
        headers
    }
}

/// Whoever sends webhooks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    client: reqwest::Client,
    url: String,
    secret: String,
}

impl Caller {
    /// Sends a webhook as GitHub does, and gives the status of the answer.
    pub(crate) async fn deliver(&self, hook: &Hook) -> StatusCode {
        self.post(hook.headers(&self.secret), hook.body.clone())
            .await
            .0
    }

    /// Sends anything, and gives the answer.
    pub(crate) async fn post(&self, headers: HeaderMap, body: Vec<u8>) -> (StatusCode, String) {
        let request = self.client.post(&self.url).headers(headers).body(body);
        let response = request.send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }
}

impl World {
    /// A stack at rest: what its furnishing has caused is over and no longer counted.
    pub(crate) async fn settled() -> Self {
        Self::start().await.at_rest().await
    }

    /// A stack at rest whose GitHub sends nothing by itself.
    pub(crate) async fn quiet() -> Self {
        let world = Self::settled().await;
        world.github().set_webhook_url(None);
        world
    }

    /// The same stack once all that GitHub has sent so far is dealt with.
    pub(crate) async fn at_rest(self) -> Self {
        eventually("every webhook is answered", async || {
            let all = self.github().deliveries().await.unwrap();
            all.iter().all(|one| one.status.is_some()).then_some(())
        })
        .await;
        self.queue_holds(DELIVERIES, 0, 0).await;
        self.stack.endpoints().meter().reset();
        self.stack.endpoints().forget_calls();
        self
    }

    /// Somebody who sends webhooks in GitHub's place.
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever calls the product from outside has nothing to do with its guarded client"
    )]
    pub(crate) fn caller(&self) -> Caller {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = self.stack.url().join("webhooks/github").unwrap();
        Caller {
            client,
            url: url.into(),
            secret: self.secret(),
        }
    }

    /// What webhooks are signed with.
    pub(crate) fn secret(&self) -> String {
        self.stack.webhook_secret().expose_secret().to_owned()
    }

    /// Opens another issue, which the scenario goes on with.
    pub(crate) async fn next_issue(&mut self) {
        let github = self.github();
        let opened = github.open_issue(REPOSITORY, ADA, "Another one", "Please mend it.");
        self.issue = opened.await.unwrap();
    }

    /// Writes a comment of which GitHub sends no webhook, as of nothing else from now on.
    pub(crate) async fn unsent(&self, person: &str, text: &str) -> Hook {
        self.github().set_webhook_url(None);
        let comment = self.comment(person, text).await;
        let guid = self.guid_of_comment(comment).await;
        self.hook(guid).await
    }

    /// Takes a label off and puts it on again, of which GitHub sends no webhook, as of nothing else from now on.
    pub(crate) async fn unsent_label(&self, person: &str, label: &str) -> Hook {
        let github = self.github();
        github.set_webhook_url(None);
        // It may not be there.
        let off = github.remove_label(REPOSITORY, self.issue, person, label);
        off.await.ok();
        let on = github.add_label(REPOSITORY, self.issue, person, label);
        on.await.unwrap();
        self.newest_hook("labeled").await
    }

    /// The webhook of the newest event with that action.
    pub(crate) async fn newest_hook(&self, action: &str) -> Hook {
        let needle = format!("\"action\":\"{action}\"");
        let deliveries = self.github().deliveries().await.unwrap();
        let mut newest = deliveries.into_iter().rev();
        let sent = newest.find(|one| one.payload.contains(&needle)).unwrap();
        self.hook(sent.guid).await
    }

    async fn hook(&self, guid: String) -> Hook {
        let deliveries = self.github().deliveries().await.unwrap();
        let sent = deliveries.into_iter().find(|one| one.guid == guid).unwrap();
        Hook {
            guid,
            event: sent.event,
            body: sent.payload.into(),
        }
    }

    /// Writes a comment whose webhook arrives, while nothing else that happens is sent.
    pub(crate) async fn ask(&self, person: &str, text: &str) -> Hook {
        let hook = self.unsent(person, text).await;
        assert_eq!(
            self.caller().deliver(&hook).await,
            StatusCode::ACCEPTED,
            "{text}"
        );
        hook
    }

    /// The record of a delivery once its verdict is as `wanted`, and what that says has been done.
    pub(crate) async fn verdict_is(
        &self,
        guid: &str,
        wanted: impl Fn(&Verdict) -> bool,
    ) -> Delivery {
        let key = self.delivery_key(guid);
        let store = self.stack.store().unwrap();
        eventually("the verdict is as wanted", async || {
            let found = store.delivery(&key, self.clock.now()).await.unwrap();
            let found = found.filter(|delivery| wanted(&delivery.verdict))?;
            let done = is_done(&store, &found.verdict).await;
            done.then_some(found)
        })
        .await
    }

    /// Waits until the delivery is refused in words, and they are told.
    pub(crate) async fn is_answered(&self, guid: &str) {
        self.verdict_is(guid, Verdict::has_words).await;
        let (key, store) = (self.delivery_key(guid), self.stack.store().unwrap());
        eventually("the answer is told", async || {
            let found = store.delivery(&key, self.clock.now()).await.unwrap();
            found.filter(|delivery| delivery.due_at.is_none())
        })
        .await;
    }

    /// Waits until the delivery has been left half-way.
    pub(crate) async fn is_interrupted(&self, guid: &str) {
        let interrupted = |verdict: &Verdict| matches!(verdict, Verdict::Interrupted { .. });
        self.verdict_is(guid, interrupted).await;
    }

    /// Lets the scheduler take up what was interrupted, once its time has come.
    pub(crate) async fn taken_up(&self) {
        self.advance(COMES_AGAIN);
        self.stack.tick().await.unwrap();
    }

    /// Waits until the delivery has started a run, which is the only one on its issue.
    pub(crate) async fn has_started(&self, guid: &str, name: DefinitionName) {
        let started = |verdict: &Verdict| matches!(verdict, Verdict::Starting { .. });
        let delivery = self.verdict_is(guid, started).await;
        let Verdict::Starting { start } = delivery.verdict else {
            panic!("{delivery:?}");
        };
        assert_eq!(start.run, self.run_key(name, 1));
        assert_eq!(self.runs(name).await.len(), 1, "one request is one run");
    }

    /// Waits until the first run of a definition has told its end, with nothing left to do.
    pub(crate) async fn is_told(&self, name: DefinitionName) -> Run {
        let told = |run: &Run| run.is_told() && run.head().due_at().is_none();
        self.run_is(name, 1, told).await
    }

    /// Waits until every fault has struck.
    pub(crate) async fn all_struck(&self) {
        let (aws, github) = (self.stack.endpoints().faults(), self.github().faults());
        eventually("every fault strikes", async || {
            (aws.pending() == 0 && github.pending().is_empty()).then_some(())
        })
        .await;
    }

    /// How often `caller` has called AWS, by action.
    pub(crate) fn calls_of(&self, caller: &str) -> BTreeMap<String, u64> {
        let mut calls = BTreeMap::new();
        for (call, count) in self.stack.endpoints().calls() {
            if call.caller == caller {
                *calls.entry(call.action).or_insert(0) += count;
            }
        }
        calls
    }

    /// The queue of that name in the template.
    pub(crate) fn queue(&self, name: &str) -> &Queue {
        self.stack.template().queue(name).unwrap()
    }

    /// How often a queue was asked for something.
    pub(crate) fn asked_of(&self, queue: &str, action: &str) -> u64 {
        let key = (action.to_owned(), self.queue(queue).name.clone());
        let counts = self.stack.endpoints().meter().counts();
        counts.sqs.get(&key).map_or(0, |counted| counted.requests)
    }

    /// A client of the queues that is none of the product's.
    pub(crate) fn sqs(&self) -> Sqs {
        Clients::new(self.stack.endpoints().sdk_config("tester")).sqs()
    }

    /// How many messages of a queue can be received, and how many are hidden for now.
    pub(crate) async fn messages_in(&self, queue: &str) -> (u32, u32) {
        let request = self.sqs().get_queue_attributes();
        let request = request.queue_url(&self.queue(queue).url);
        let answer = request.attribute_names("All".into()).send().await.unwrap();
        let all = answer.attributes.unwrap();
        let count = |name: &str| all[&name.into()].parse().unwrap();
        (
            count("ApproximateNumberOfMessages"),
            count("ApproximateNumberOfMessagesNotVisible"),
        )
    }

    /// Waits until a queue holds `visible` messages to receive and `hidden` ones.
    pub(crate) async fn queue_holds(&self, queue: &str, visible: u32, hidden: u32) {
        eventually(
            &format!("{queue} holds {visible} and {hidden}"),
            async || (self.messages_in(queue).await == (visible, hidden)).then_some(()),
        )
        .await;
    }
}

/// Whether what a verdict says is done: it is on record before.
async fn is_done(store: &Store, verdict: &Verdict) -> bool {
    let runs = match verdict {
        Verdict::Starting { start } => std::slice::from_ref(&start.run),
        Verdict::Stopping { runs, .. } => runs.as_slice(),
        _ => &[],
    };
    let stops = matches!(verdict, Verdict::Stopping { .. });
    for key in runs {
        let head = store.head(key).await.unwrap();
        let done = head.is_some_and(|head| {
            let ends = head.control().is_some() || head.finished().is_some();
            if stops { ends } else { !head.is_unbegun() }
        });
        if !done {
            return false;
        }
    }
    true
}

//! Faults a test asks for.

use std::fmt;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::sync::Semaphore;

use crate::db::lock;

/// The target that stands for all of them.
pub const ANY: &str = "*";

type Predicate = Arc<dyn Fn(&Value) -> bool + Send + Sync>;
type Hook = Arc<dyn Fn(&Value) + Send + Sync>;

/// An error as AWS answers it.
///
/// Mind the SDK's own retries: it sends a request again, three times in all by default, after any
/// status of 500 and above and after throttling codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsError {
    /// The HTTP status.
    pub status: u16,
    /// The error's name, such as `ProvisionedThroughputExceededException`.
    pub code: String,
    /// The text for people.
    pub message: String,
}

impl AwsError {
    /// An error with a text that says it was asked for.
    pub fn new(status: u16, code: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: "injected by a test".to_owned(),
        }
    }

    /// The plain failure of a service: status 500.
    pub fn internal() -> Self {
        Self::new(500, "InternalServerError")
    }
}

/// What happens to a call that a fault strikes.
#[derive(Clone)]
pub(crate) enum Effect {
    Refuse(AwsError),
    LoseAnswer(AwsError),
    Hang,
    Hold(Gate),
    HookBefore(Hook),
    HookAfter(Hook),
}

/// One fault: which calls it strikes, how many, and what happens to them.
#[derive(Clone)]
pub struct Fault {
    target: String,
    caller: Option<String>,
    predicate: Option<Predicate>,
    spared: usize,
    times: usize,
    effect: Effect,
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("target", &self.target)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}

impl Fault {
    fn new(target: &str, effect: Effect) -> Self {
        Self {
            target: target.to_owned(),
            caller: None,
            predicate: None,
            spared: 0,
            times: 1,
            effect,
        }
    }

    /// Calls of `target` are answered with `error` and not performed.
    ///
    /// A target is what stands in `X-Amz-Target`, such as `AmazonSQS.SendMessage` or
    /// `DynamoDB_20120810.PutItem`, and for S3 `S3.` and the operation, such as `S3.PutObject`; [`ANY`] is every one.
    pub fn refuse(target: &str, error: AwsError) -> Self {
        Self::new(target, Effect::Refuse(error))
    }

    /// Calls of `target` are performed and then answered with `error`, as when an answer is lost.
    pub fn lose_answer(target: &str, error: AwsError) -> Self {
        Self::new(target, Effect::LoseAnswer(error))
    }

    /// Calls of `target` are not performed and never answered, until the endpoints stop.
    pub fn hang(target: &str) -> Self {
        Self::new(target, Effect::Hang)
    }

    /// Calls of `target` wait at the returned gate before they are performed.
    pub fn hold(target: &str) -> (Self, Gate) {
        let gate = Gate::new();
        (Self::new(target, Effect::Hold(gate.clone())), gate)
    }

    /// `hook` is run with the call's body before it is performed.
    pub fn before(target: &str, hook: impl Fn(&Value) + Send + Sync + 'static) -> Self {
        Self::new(target, Effect::HookBefore(Arc::new(hook)))
    }

    /// `hook` is run with the call's body after it was performed and before it is answered.
    pub fn after(target: &str, hook: impl Fn(&Value) + Send + Sync + 'static) -> Self {
        Self::new(target, Effect::HookAfter(Arc::new(hook)))
    }

    /// Strikes `times` calls instead of one; `usize::MAX` for all of them.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Spares the first `calls` that it would strike.
    #[must_use]
    pub fn after_first(mut self, calls: usize) -> Self {
        self.spared = calls;
        self
    }

    /// Strikes only calls of that caller. See [`crate::Call::caller`].
    #[must_use]
    pub fn by(mut self, caller: &str) -> Self {
        self.caller = Some(caller.to_owned());
        self
    }

    /// Strikes only calls whose JSON body `predicate` accepts. For S3 the body is
    /// `{"Bucket": .., "Key": ..}`.
    #[must_use]
    pub fn when(mut self, predicate: impl Fn(&Value) -> bool + Send + Sync + 'static) -> Self {
        self.predicate = Some(Arc::new(predicate));
        self
    }

    fn strikes(&self, target: &str, caller: &str, body: &Value) -> bool {
        self.times > 0
            && (self.target == ANY || self.target == target)
            && self.caller.as_ref().is_none_or(|only| only == caller)
            && self.predicate.as_ref().is_none_or(|accepts| accepts(body))
    }
}

/// The faults that are waiting for their calls.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Vec<Fault>>>);

impl Faults {
    /// Adds a fault. Where several would strike the same call, the one added first does.
    pub fn add(&self, fault: Fault) {
        lock(&self.0).push(fault);
    }

    /// Takes all faults away. Calls held or hanging already stay so.
    pub fn clear(&self) {
        lock(&self.0).clear();
    }

    /// How many strikes are still to come; a test ends with none left to show that its faults happened.
    pub fn pending(&self) -> usize {
        lock(&self.0)
            .iter()
            .fold(0, |sum, fault| sum.saturating_add(fault.times))
    }

    pub(crate) fn strike(&self, target: &str, caller: &str, body: &Value) -> Option<Effect> {
        let mut faults = lock(&self.0);
        let fault = faults
            .iter_mut()
            .find(|fault| fault.strikes(target, caller, body))?;
        if fault.spared > 0 {
            fault.spared -= 1;
            return None;
        }
        fault.times = if fault.times == usize::MAX {
            fault.times
        } else {
            fault.times - 1
        };
        let effect = fault.effect.clone();
        faults.retain(|fault| fault.times > 0);
        Some(effect)
    }
}

/// Where held calls wait. See [`Fault::hold`].
#[derive(Clone, Debug)]
pub struct Gate {
    arrived: Arc<Semaphore>,
    passes: Arc<Semaphore>,
}

impl Gate {
    fn new() -> Self {
        Self {
            arrived: Arc::new(Semaphore::new(0)),
            passes: Arc::new(Semaphore::new(0)),
        }
    }

    /// Waits until a call stands at the gate. Each arrival is reported once.
    pub async fn reached(&self) {
        if let Ok(arrival) = self.arrived.acquire().await {
            arrival.forget();
        }
    }

    /// Lets one call through, the next to come when none is waiting.
    pub fn release(&self) {
        self.passes.add_permits(1);
    }

    pub(crate) async fn pass(&self) {
        self.arrived.add_permits(1);
        if let Ok(pass) = self.passes.acquire().await {
            pass.forget();
        }
    }
}

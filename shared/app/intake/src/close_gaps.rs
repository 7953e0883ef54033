//! Asks the provider for what it could not bring.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{DeliveryAttempt, GapPlan, Provider, REMEMBERED, SharedClock, close_gaps};
use jiff::{SignedDuration, Timestamp};
use policy::Tick;
use ports::{ProviderError, SentDeliveries};
use runs::AppError;
use store::{GapLook, GapTurn, Store};

/// How many pages of a hundred one look reads at most.
const PAGES: usize = 40;
/// How far the very first look goes back: somebody may have asked while the system was being set up.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(15);
/// Events that can mean something.
const RELEVANT: fn(&str) -> bool = ingress::github::is_relevant;

/// The provider, and how often it is asked.
#[derive(Debug)]
pub struct Gaps {
    store: Store,
    sent: Arc<dyn SentDeliveries>,
    clock: SharedClock,
    every: SignedDuration,
    /// Until when nobody need ask whose turn it is.
    quiet_until: Mutex<Option<Timestamp>>,
}

impl Gaps {
    /// Asks what was `sent` once in `every`.
    pub fn new(
        store: Store,
        sent: Arc<dyn SentDeliveries>,
        every: SignedDuration,
        clock: SharedClock,
    ) -> Self {
        Self {
            store,
            sent,
            clock,
            every,
            quiet_until: Mutex::default(),
        }
    }

    /// How long a look may take; what it did not get to is found by the next one.
    const LOOK_WITHIN: Duration = Duration::from_secs(20);

    /// Lets the provider send what failed since it was looked for last, if it is time. An outage of the provider
    /// does not fail the tick: the next turn looks as far back.
    pub async fn close_gaps(&self, _tick: &Tick) {
        let look = tokio::time::timeout(Self::LOOK_WITHIN, self.take_turn()).await;
        if let Err(error) = look.unwrap_or(Err(AppError::OutOfTime)) {
            tracing::warn!(%error, "lost deliveries could not be looked for");
        }
    }

    async fn take_turn(&self) -> Result<(), AppError> {
        let now = self.clock.now();
        let quiet = self.quiet_until.lock();
        if quiet
            .unwrap_or_else(PoisonError::into_inner)
            .is_some_and(|until| until > now)
        {
            return Ok(());
        }
        let next = now + self.every;
        let turn = self
            .store
            .take_gap_turn(Provider::Github, now, next, now - FIRST_LOOK)
            .await?;
        let until = match turn {
            GapTurn::Wait(until) => until,
            GapTurn::Look(_) => next,
        };
        *self
            .quiet_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(until);
        match turn {
            GapTurn::Look(look) => self.look(look, now).await,
            GapTurn::Wait(_) => Ok(()),
        }
    }

    async fn look(&self, look: GapLook, now: Timestamp) -> Result<(), AppError> {
        let attempts = self.sent_since(look.since.max(now - REMEMBERED)).await?;
        let mut plan = close_gaps(&attempts, &look.lost, now);
        let asked = self.ask_again(&mut plan).await;
        tell_lost(&plan);
        // Whatever was not asked for holds the next look back.
        self.store
            .end_gap_look(
                Provider::Github,
                look,
                plan.settled_until(),
                plan.all_lost(),
            )
            .await?;
        asked
    }

    /// Asks for everything again, and gives up what the provider does not bring any more. Only what stands in the way
    /// of all calls ends it early.
    async fn ask_again(&self, plan: &mut GapPlan) -> Result<(), AppError> {
        let mut asked = 0_usize;
        let mut met = Ok(());
        for gap in plan.again().to_vec() {
            match self.sent.send_again(gap.attempt).await {
                Ok(()) => asked += 1,
                Err(error) if is_about_one(&error) => {
                    tracing::warn!(delivery = %gap.delivery, %error, "a delivery is not brought again");
                    plan.give_up(&gap.delivery);
                }
                Err(error) => {
                    met = Err(error.into());
                    break;
                }
            }
        }
        if asked > 0 {
            tracing::info!(
                metric.DeliveriesRepaired = asked,
                "{asked} lost deliveries were asked for again"
            );
        }
        met
    }

    async fn sent_since(&self, since: Timestamp) -> Result<Vec<DeliveryAttempt>, AppError> {
        let (mut attempts, mut cursor) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = self.sent.page(cursor).await?;
            let older = page.attempts.iter().any(|one| one.at < since);
            let wanted = page.attempts.into_iter();
            attempts.extend(wanted.filter(|one| one.at >= since && RELEVANT(&one.event)));
            if older || page.next.is_none() {
                return Ok(attempts);
            }
            cursor = page.next;
        }
        let oldest = attempts.iter().map(|one: &DeliveryAttempt| one.at).min();
        tracing::error!(
            metric.DeliveriesLost = 1_u64,
            from = %since,
            until = oldest.map(display),
            "more was sent since the last look than one look reads; what failed in that time is not asked for again"
        );
        Ok(attempts)
    }
}

/// Whether the provider refuses this one thing, and not whoever asks.
const fn is_about_one(error: &ProviderError) -> bool {
    match error {
        ProviderError::Gone | ProviderError::Invalid { .. } => true,
        ProviderError::RetryAt(_)
        | ProviderError::Forbidden
        | ProviderError::Unavailable { .. } => false,
    }
}

fn tell_lost(plan: &GapPlan) {
    let lost = plan.lost().len();
    if lost > 0 {
        tracing::warn!(lost, "deliveries are lost for good");
    }
}

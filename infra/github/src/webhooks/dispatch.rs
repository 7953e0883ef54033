//! The task that sends what is pending.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::send;
use crate::hub::Hub;
use crate::state::deliveries::{self, Delivery};

/// How many webhooks are under way at once.
const AT_ONCE: usize = 16;

/// Sends pending deliveries until the simulation stops. What is not answered by then stays pending
/// and is sent after the next start.
pub(crate) async fn run(hub: Arc<Hub>) {
    let mut changes = hub.changes.subscribe();
    let under_way = Arc::new(Mutex::new(HashSet::new()));
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        changes.borrow_and_update();
        tokio::select! {
            () = hub.stop.cancelled() => return,
            () = send_pending(&hub, &under_way, &slots) => {}
        }
        tokio::select! {
            () = hub.stop.cancelled() => return,
            more = changes.changed() => if more.is_err() { return },
        }
    }
}

async fn send_pending(
    hub: &Arc<Hub>,
    under_way: &Arc<Mutex<HashSet<u64>>>,
    slots: &Arc<Semaphore>,
) {
    if hub
        .hook
        .url
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .is_none()
    {
        return;
    }
    let pending = match hub.read(|act| deliveries::pending(act.db)).await {
        Ok(pending) => pending,
        Err(error) => {
            tracing::error!(%error, "cannot read the pending webhooks");
            return;
        }
    };
    for delivery in pending {
        let id = delivery.id;
        if !under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id)
        {
            continue;
        }
        let Ok(slot) = Arc::clone(slots).acquire_owned().await else {
            return;
        };
        let (hub_of_task, under_way) = (Arc::clone(hub), Arc::clone(under_way));
        hub.tasks.spawn(async move {
            let stop = hub_of_task.stop.clone();
            tokio::select! {
                () = stop.cancelled() => {}
                () = deliver(&hub_of_task, delivery) => {}
            }
            under_way
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&id);
            drop(slot);
        });
    }
}

async fn deliver(hub: &Hub, delivery: Delivery) {
    let id = delivery.id;
    // The list this came from may be older than an answer that has arrived since.
    let fresh = hub.read(move |act| deliveries::find(act.db, id)).await;
    if !fresh.is_ok_and(|fresh| fresh.status.is_none()) {
        return;
    }
    let Some(outcome) = send::send(hub, &delivery).await else {
        return;
    };
    if let Err(error) = hub
        .write(move |act| deliveries::finish(act.db, id, &outcome))
        .await
    {
        tracing::error!(%error, delivery.id = id, "cannot record the answer to a webhook");
    }
}

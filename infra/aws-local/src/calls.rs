//! Which AWS calls were made, in the words of an IAM policy.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::db::lock;

/// One kind of AWS call that was made, however often. What was refused for its content is here too:
/// a policy has to allow it all the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The access key of the caller; empty when the request was not signed.
    pub caller: String,
    /// The service's prefix in a policy: `dynamodb`, `sqs` or `s3`.
    pub service: &'static str,
    /// The action a policy must allow, without the service: `PutItem`, `SendMessage`, `GetObject`.
    /// A transaction is recorded as the actions it is made of, a batch as its single form, as IAM
    /// checks them.
    pub action: String,
    /// What was acted on: `table/NAME`, `table/NAME/index/INDEX`, the queue's name, or
    /// `BUCKET` or `BUCKET/KEY`. `*` where the action has no resource.
    pub resource: String,
}

/// The calls so far, with how often each was made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls(Arc<Mutex<BTreeMap<Call, u64>>>);

impl Calls {
    pub(crate) fn record(&self, calls: Vec<Call>) {
        let mut made = lock(&self.0);
        for call in calls {
            *made.entry(call).or_insert(0) += 1;
        }
    }

    pub(crate) fn list(&self) -> Vec<(Call, u64)> {
        lock(&self.0)
            .iter()
            .map(|(call, count)| (call.clone(), *count))
            .collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}

//! The jobs queue.

use domain::SharedClock;
use kit::Clients;
use queues::Queue;
use runs::{JobQueue, TokenKeys};
use settings::{JOBS_QUEUE_URL, Reader, SWITCHYARD_TOKEN_KEY};

/// The key with which a function that verifies no tokens signs them.
pub fn signing_keys(read: &mut Reader<'_>) -> Option<TokenKeys> {
    Some(TokenKeys::new(read.get(&SWITCHYARD_TOKEN_KEY)?, None))
}

/// The jobs queue, whose messages hold tokens signed with `keys`.
pub fn job_queue(
    read: &mut Reader<'_>,
    aws: &Clients,
    keys: Option<TokenKeys>,
    clock: &SharedClock,
) -> Option<JobQueue> {
    let url = read.get(&JOBS_QUEUE_URL);
    let queue = Queue::new(aws.sqs(), url?);
    Some(JobQueue::new(queue, keys?, clock.clone()))
}

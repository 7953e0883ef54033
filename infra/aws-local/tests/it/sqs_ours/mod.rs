//! What only these endpoints do, or what needs a clock that can be moved.

mod dead_letters;
mod time;
mod waiting;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use switchyard_aws_local::Fault;
use tokio::sync::mpsc;

use crate::support::Local;

async fn send(local: &Local, url: &str, body: &str) -> String {
    let sent = local
        .sqs()
        .send_message()
        .queue_url(url)
        .message_body(body)
        .send()
        .await;
    sent.unwrap().message_id.unwrap()
}

async fn receive(local: &Local, url: &str) -> Vec<Message> {
    let receive = local
        .sqs()
        .receive_message()
        .queue_url(url)
        .max_number_of_messages(10)
        .message_system_attribute_names(MessageSystemAttributeName::All);
    receive.send().await.unwrap().messages.unwrap_or_default()
}

/// Tells whenever a receive is about to look at its queue.
fn looks(local: &Local) -> mpsc::UnboundedReceiver<()> {
    let (tell, told) = mpsc::unbounded_channel();
    let hook = move |_: &serde_json::Value| tell.send(()).unwrap();
    local
        .endpoints
        .faults()
        .add(Fault::before("AmazonSQS.ReceiveMessage", hook));
    told
}

/// A long poll that has begun to wait.
async fn poll(local: &Local, url: &str) -> tokio::task::JoinHandle<Vec<Message>> {
    let mut looks = looks(local);
    let poll = local
        .sqs()
        .receive_message()
        .queue_url(url)
        .wait_time_seconds(20);
    let poll = tokio::spawn(async move { poll.send().await.unwrap().messages.unwrap_or_default() });
    looks.recv().await.unwrap();
    poll
}

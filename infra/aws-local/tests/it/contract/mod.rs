//! What any SQS must do. Runs against these endpoints, and against another emulator as well when
//! `SWITCHYARD_CONTRACT_SQS` holds its address, so that the engine and its tests cannot agree on a
//! mistake.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    Message, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
};
use switchyard_aws_local::sdk_config;

use crate::support::Local;

mod batches;
mod documented;
mod messages;
mod polling;
mod queues;

/// One SQS under test.
struct Sqs {
    client: Client,
    /// What makes queue names of this run its own.
    run: String,
    /// Kept running.
    _local: Option<Local>,
}

async fn targets() -> Vec<Sqs> {
    let local = Local::start().await;
    let mut found = vec![Sqs {
        client: local.sqs(),
        run: "ours".to_owned(),
        _local: Some(local),
    }];
    #[expect(
        clippy::disallowed_methods,
        reason = "the suite may be pointed at another emulator"
    )]
    let other = std::env::var("SWITCHYARD_CONTRACT_SQS");
    if let Ok(url) = other {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).unwrap();
        let run = format!("run{}", u32::from_be_bytes(bytes));
        found.push(Sqs {
            client: Client::new(&sdk_config(&url)),
            run,
            _local: None,
        });
    }
    found
}

/// Tests that run against every SQS there is.
macro_rules! contract {
    ($($name:ident)*) => {
        mod holds {
            $(#[tokio::test]
            async fn $name() {
                for sqs in $crate::contract::targets().await {
                    super::$name(sqs).await;
                }
            })*
        }
    };
}
use contract;

/// Tests that run against these endpoints alone.
macro_rules! ours_alone {
    ($($name:ident)*) => {
        mod holds {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::contract::targets().await.remove(0)).await;
            })*
        }
    };
}
use ours_alone;

impl Sqs {
    async fn queue(&self, name: &str) -> String {
        self.queue_with(name, &[]).await
    }

    async fn queue_with(&self, name: &str, attributes: &[(QueueAttributeName, &str)]) -> String {
        let mut create = self.client.create_queue().queue_name(self.name(name));
        for (name, value) in attributes {
            create = create.attributes(name.clone(), *value);
        }
        create.send().await.unwrap().queue_url.unwrap()
    }

    fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.run)
    }

    async fn send(&self, url: &str, body: &str) -> String {
        let sent = self
            .client
            .send_message()
            .queue_url(url)
            .message_body(body)
            .send()
            .await;
        sent.unwrap().message_id.unwrap()
    }

    /// Up to ten messages, at once.
    async fn receive(&self, url: &str) -> Vec<Message> {
        let receive = self
            .client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        receive.send().await.unwrap().messages.unwrap_or_default()
    }

    async fn attribute(&self, url: &str, name: QueueAttributeName) -> String {
        let get = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(name.clone());
        get.send().await.unwrap().attributes.unwrap()[&name].clone()
    }

    async fn delete(&self, url: &str, message: &Message) {
        let handle = message.receipt_handle().unwrap();
        let delete = self
            .client
            .delete_message()
            .queue_url(url)
            .receipt_handle(handle);
        delete.send().await.unwrap();
    }

    /// Gives a received message back.
    async fn give_back(&self, url: &str, message: &Message) {
        self.client
            .change_message_visibility()
            .queue_url(url)
            .receipt_handle(message.receipt_handle().unwrap())
            .visibility_timeout(0)
            .send()
            .await
            .unwrap();
    }
}

fn system(message: &Message, name: &MessageSystemAttributeName) -> String {
    message.attributes().unwrap()[name].clone()
}

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder()
        .id(id)
        .message_body(body)
        .build()
        .unwrap()
}

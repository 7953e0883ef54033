//! The meter against the documented rules of DynamoDB's bill.

mod reads;
mod writes;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use switchyard_aws_local::Counts;

use crate::support::{Local, s, things};

type Item = HashMap<String, AttributeValue>;

type Attributes<'a> = &'a [(&'a str, &'a str)];

/// An item that is `size` bytes large, names and all, with the attributes given.
fn item(size: usize, attributes: Attributes<'_>) -> Item {
    let mut item: Item = [("pk", "a"), ("sk", "b")]
        .iter()
        .chain(attributes)
        .map(|(name, value)| ((*name).to_owned(), s(value)))
        .collect();
    let has: usize = item
        .iter()
        .map(|(name, value)| name.len() + value.as_s().unwrap().len())
        .sum();
    item.insert("fill".to_owned(), s(&"x".repeat(size - has - 4)));
    item
}

struct Metered {
    local: Local,
    client: Client,
}

impl Metered {
    async fn start() -> Self {
        let local = Local::start().await;
        let client = local.dynamo();
        things(&client).await;
        Self { local, client }
    }

    /// A table that holds `item` alone, with the meter at nothing.
    async fn holding(item: Item) -> Self {
        let this = Self::start().await;
        this.put(item).await;
        this.local.endpoints.meter().reset();
        this
    }

    async fn put(&self, item: Item) {
        self.client
            .put_item()
            .table_name("things")
            .set_item(Some(item))
            .send()
            .await
            .unwrap();
    }

    async fn update(&self, expression: &str, value: &str) {
        let update = self
            .client
            .update_item()
            .table_name("things")
            .set_key(Some(key()));
        let update = update.update_expression(expression);
        update
            .expression_attribute_values(":v", s(value))
            .send()
            .await
            .unwrap();
    }

    fn used(&self) -> Counts {
        self.local.endpoints.meter().reset()
    }

    /// Write units of the table, of `by_owner`, of `by_kind`, and in all.
    fn written(&self) -> [f64; 4] {
        let used = self.used();
        let of = |name: &str| {
            used.dynamodb_resources
                .get(name)
                .map_or(0.0, |units| units.write)
        };
        assert_eq!(used.dynamodb.read, 0.0);
        [
            of("things"),
            of("things/by_owner"),
            of("things/by_kind"),
            used.dynamodb.write,
        ]
    }

    fn read(&self) -> f64 {
        let used = self.used();
        assert_eq!(used.dynamodb.write, 0.0);
        used.dynamodb.read
    }
}

fn key() -> Item {
    [("pk".to_owned(), s("a")), ("sk".to_owned(), s("b"))].into()
}

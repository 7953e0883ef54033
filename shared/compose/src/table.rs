//! The table.

use domain::SharedRandom;
use kit::Clients;
use settings::{Reader, TABLE_NAME};
use store::Store;

/// The table.
pub fn table(read: &mut Reader<'_>, aws: &Clients, random: SharedRandom) -> Option<Store> {
    let name = read.get(&TABLE_NAME)?;
    Some(Store::new(aws.dynamodb(), name, random))
}

//! The table's definition, which the template must match; a test compares them.

/// The partition key's attribute.
pub(crate) const PK: &str = "pk";
/// The sort key's attribute.
pub(crate) const SK: &str = "sk";
/// The attribute after whose second an item may vanish.
pub(crate) const TTL: &str = "ttl";
/// The sparse index of what is not finished.
pub(crate) const DUE: &str = "due";
/// The partition key of [`DUE`].
pub(crate) const DUE_SHARD: &str = "due_shard";
/// The sort key of [`DUE`], in milliseconds since 1970.
pub(crate) const DUE_AT: &str = "due_at";
/// The sparse index that lists what tenants have, and finds it by its id.
pub(crate) const LIST: &str = "list";
/// The partition key of [`LIST`].
pub(crate) const LIST_OF: &str = "list";
/// The sort key of [`LIST`].
pub(crate) const LIST_ID: &str = "list_id";

/// What the table looks like to whoever creates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableDefinition {
    /// The attribute of the partition key, a string.
    pub partition: &'static str,
    /// The attribute of the sort key, a string.
    pub sort: &'static str,
    /// The attribute of the time to live.
    pub ttl: &'static str,
    /// The indexes.
    pub indexes: [Index; 2],
}

/// A keys-only index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// The attribute of its partition key, a string.
    pub partition: &'static str,
    /// The attribute of its sort key.
    pub sort: &'static str,
    /// What that attribute is.
    pub kind: SortKind,
}

/// What a sort key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKind {
    /// A number.
    Number,
    /// A string.
    Text,
}

/// The table's definition.
pub const fn definition() -> TableDefinition {
    TableDefinition {
        partition: PK,
        sort: SK,
        ttl: TTL,
        indexes: [
            Index {
                name: DUE,
                partition: DUE_SHARD,
                sort: DUE_AT,
                kind: SortKind::Number,
            },
            Index {
                name: LIST,
                partition: LIST_OF,
                sort: LIST_ID,
                kind: SortKind::Text,
            },
        ],
    }
}

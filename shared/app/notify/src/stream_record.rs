//! What the table's stream proves.

/// That the table's stream has shown a change of the thing with this key. Only
/// [`ChangeRecord::of`](crate::ChangeRecord::of) makes one, out of a record's key, which says the tenant too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StreamRecord<K>(K);

impl<K> StreamRecord<K> {
    pub(crate) const fn of(key: K) -> Self {
        Self(key)
    }

    /// What has changed.
    pub const fn key(&self) -> &K {
        &self.0
    }
}

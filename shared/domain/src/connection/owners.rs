//! For whom work may be done.

use crate::Login;

/// The owners whose repositories a tenant lets Switchyard work on. Nobody is on it until named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerList(Vec<Login>);

impl OwnerList {
    /// A list of exactly these owners.
    pub fn new(owners: Vec<Login>) -> Self {
        Self(owners)
    }

    /// The owners on it, in no order that matters.
    pub fn iter(&self) -> impl Iterator<Item = &Login> {
        self.0.iter()
    }

    /// Whether `owner` is on the list; case does not matter, as it does not at the provider.
    pub fn admits(&self, owner: &Login) -> bool {
        self.0.iter().any(|listed| listed.same_account(owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_admits_nobody_and_case_does_not_matter() {
        let octo: Login = "Octo-Demo".parse().unwrap();
        assert!(!OwnerList::default().admits(&octo));
        let list = OwnerList::new(vec!["octo-demo".parse().unwrap()]);
        assert!(list.admits(&octo));
        assert!(!list.admits(&"octo".parse().unwrap()));
    }
}

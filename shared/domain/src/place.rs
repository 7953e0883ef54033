//! Where something is found at present.

use crate::{Login, RepoName, Repository, text::bounded_text};

bounded_text! {
    /// How the provider's interface names a subject's container at present, such as a repository's `owner/name`: 1 to 201
    /// visible ASCII characters. It may change, so nothing is found by it.
    PlaceName, "the name of a place", |text| (1..=201).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic());
}

impl PlaceName {
    /// A repository as a place. Neither name is longer than half of what a place may have.
    fn of(owner: &Login, name: &RepoName) -> Self {
        Self(format!("{owner}/{name}"))
    }

    /// The repository's owner and name, if it is one.
    pub fn repository(&self) -> Option<(Login, RepoName)> {
        let (owner, name) = self.0.split_once('/')?;
        Some((owner.parse().ok()?, name.parse().ok()?))
    }
}

impl Repository {
    /// The place where people talk about it.
    pub fn place(&self) -> PlaceName {
        PlaceName::of(&self.owner, &self.name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_repository_survives_being_a_place(
            owner in "[A-Za-z0-9._\\[\\]-]{1,100}",
            name in "[A-Za-z0-9_-]{1,100}",
        ) {
            let (owner, name): (Login, RepoName) = (owner.parse().unwrap(), name.parse().unwrap());
            let place = PlaceName::of(&owner, &name);
            prop_assert_eq!(place.as_str().parse(), Ok(place.clone()));
            prop_assert_eq!(place.repository(), Some((owner, name)));
        }
    }

    #[test]
    fn a_place_is_one_word() {
        assert!("two words".parse::<PlaceName>().is_err());
        let channel: PlaceName = "C024BE91L".parse().unwrap();
        assert_eq!(channel.repository(), None);
    }
}

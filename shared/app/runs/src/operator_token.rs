//! A token for git that the operator set.

use domain::{Login, Repository};
use secrecy::SecretString;

/// A personal or OAuth token that daemons get for git in place of tokens of the app. What it may do is its own, whatever
/// a job asks for, so it is good for one owner's repositories alone.
#[derive(Clone, Debug)]
pub struct OperatorToken {
    token: SecretString,
    owner: Login,
}

/// The owners whose repositories may be worked on are not exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token of the operator's is for one owner, and {0} are allowed")]
pub struct NotOneOwner(pub usize);

impl OperatorToken {
    /// `token` for the one of `owners`.
    pub fn new(token: SecretString, owners: &[Login]) -> Result<Self, NotOneOwner> {
        match owners {
            [owner] => Ok(Self {
                token,
                owner: owner.clone(),
            }),
            _ => Err(NotOneOwner(owners.len())),
        }
    }

    /// The token, if `repository` is the owner's.
    pub(crate) fn of(&self, repository: &Repository) -> Option<SecretString> {
        let is_own = self.owner.same_account(&repository.owner);
        is_own.then(|| self.token.clone())
    }
}

#[cfg(test)]
mod tests {
    use domain::RepositoryId;
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn it_is_for_one_owner_and_no_other() {
        let login = |name: &str| name.parse::<Login>().unwrap();
        let made = |owners: &[Login]| OperatorToken::new("gho_x".into(), owners);
        assert_eq!(made(&[]).unwrap_err(), NotOneOwner(0));
        let two = [login("octo"), login("other")];
        assert_eq!(made(&two).unwrap_err(), NotOneOwner(2));
        let token = made(&two[..1]).unwrap();
        let repository = |owner: &str| Repository {
            id: RepositoryId::from(1),
            owner: login(owner),
            name: "widgets".parse().unwrap(),
        };
        let given = |owner: &str| token.of(&repository(owner));
        assert_eq!(given("Octo").unwrap().expose_secret(), "gho_x");
        assert!(given("other").is_none());
    }
}

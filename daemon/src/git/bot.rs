//! Who commits.

use domain::{AccountId, Login};

/// The bot as commits name it, whoever's credential pushes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bot {
    login: Login,
    address: String,
}

impl Bot {
    /// The bot of a provider whose addresses for bots end with `host`. With its number the provider knows whose a commit
    /// is; without, the login has to do.
    pub(crate) fn new(login: &Login, id: Option<AccountId>, host: &str) -> Self {
        let address = match id {
            Some(id) => format!("{id}+{login}@{host}"),
            None => format!("{login}@{host}"),
        };
        Self {
            login: login.clone(),
            address,
        }
    }

    /// Its login.
    pub(crate) fn login(&self) -> &Login {
        &self.login
    }

    /// Its address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_names_the_account() {
        let login: Login = "switchyard[bot]".parse().unwrap();
        let host = "users.noreply.github.com";
        let address = |id| Bot::new(&login, id, host).address().to_owned();
        assert_eq!(
            address(Some(AccountId::from(42))),
            "42+switchyard[bot]@users.noreply.github.com"
        );
        assert_eq!(address(None), "switchyard[bot]@users.noreply.github.com");
    }
}

//! What people and the app do. Each action runs inside one transaction, which also holds the
//! webhook it causes: either both are kept or neither.

pub(crate) mod announce;
pub(crate) mod comment;
pub(crate) mod install;
pub(crate) mod issue;
pub(crate) mod label;
pub(crate) mod pull;
pub(crate) mod push;
pub(crate) mod react;
pub(crate) mod review;
pub(crate) mod token;

use rusqlite::Connection;

use crate::error::Error;
use crate::site::Site;
use crate::state::accounts::{self, Account, AccountKind};

/// One transaction, its time and what it may mention.
pub(crate) struct Act<'a> {
    pub(crate) db: &'a Connection,
    /// Seconds since 1970.
    pub(crate) now: i64,
    pub(crate) site: &'a Site,
}

/// Who acts, and whether through the app.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) account: Account,
    pub(crate) via_app: bool,
}

impl Act<'_> {
    /// The app acting for itself.
    pub(crate) fn bot(&self) -> Result<Actor, Error> {
        let account = accounts::ensure(self.db, &self.site.bot_login(), AccountKind::Bot)?;
        Ok(Actor {
            account,
            via_app: true,
        })
    }

    /// A person, or the app if this is its login.
    pub(crate) fn actor(&self, login: &str) -> Result<Actor, Error> {
        let account = accounts::find(self.db, login)?;
        let via_app = account.login.eq_ignore_ascii_case(&self.site.bot_login());
        Ok(Actor { account, via_app })
    }
}

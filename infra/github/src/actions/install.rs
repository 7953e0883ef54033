//! Making repositories and installing the app on their owners.

use serde_json::json;

use super::Act;
use super::announce::about_app;
use crate::error::Error;
use crate::shape;
use crate::state::accounts::{self, AccountKind};
use crate::state::installations;
use crate::state::repositories::{self, Repository};

/// Makes a repository whose owner has the app installed; the owner is made too if need be.
pub(crate) fn create_repository(
    act: &Act<'_>,
    owner: &str,
    name: &str,
) -> Result<Repository, Error> {
    let owner = accounts::ensure(act.db, owner, AccountKind::User)?;
    if repositories::find(act.db, &owner.login, name).is_ok() {
        let message = Some("name already exists on this account".to_owned());
        return Err(Error::invalid(
            "Repository",
            Some("name"),
            "custom",
            message,
        ));
    }
    let (installation, new) = installations::ensure(act.db, &owner, act.now)?;
    let id = repositories::insert(act.db, &owner, name, act.now)?;
    let repository = repositories::by_id(act.db, id)?;
    let brief = shape::repository_brief(&repository);
    let mut fields = json!({
        "installation": shape::installation(act, &installation)?,
        "sender": shape::user(act.site, &owner),
    });
    let (event, action) = if new {
        fields["repositories"] = json!([brief]);
        ("installation", "created")
    } else {
        fields["repository_selection"] = "all".into();
        fields["repositories_added"] = json!([brief]);
        fields["repositories_removed"] = json!([]);
        ("installation_repositories", "added")
    };
    about_app(act, event, Some(action), Some(installation.id), fields)?;
    Ok(repository)
}

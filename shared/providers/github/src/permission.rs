//! What a person may do in a repository.

use domain::{CodeTarget, Handle, Permission};
use serde::Deserialize;

use crate::{GitHub, GitHubError, answer, scope::Scope, transport::Call};

#[derive(Deserialize)]
struct Granted {
    permission: String,
    role_name: Option<String>,
}

impl GitHub {
    /// What the account of that handle may do in the repository. [`GitHubError::NotFound`] if the app does not see the
    /// repository, or there is no such account.
    pub async fn permission(
        &self,
        target: &CodeTarget,
        handle: &Handle,
    ) -> Result<Permission, GitHubError> {
        let repository = target.repository();
        let (owner, name) = (repository.owner.as_str(), repository.name.as_str());
        let url = self.0.transport.url(&[
            "repos",
            owner,
            name,
            "collaborators",
            handle.as_str(),
            "permission",
        ])?;
        let call = Call::get(url);
        let response = self
            .0
            .as_installation(
                target.connection().installation(),
                repository,
                Scope::Look,
                call,
            )
            .await?;
        Ok(answer::read::<Granted>(&response)?.meaning())
    }
}

impl Granted {
    /// The role is finer than the permission, which knows neither triage nor maintain; but roles that
    /// an organisation made up have names of their own, and then the permission says what they amount to.
    fn meaning(&self) -> Permission {
        self.role_name
            .as_deref()
            .and_then(standard)
            .or_else(|| standard(&self.permission))
            .unwrap_or(Permission::None)
    }
}

fn standard(name: &str) -> Option<Permission> {
    Some(match name {
        "admin" => Permission::Admin,
        "maintain" => Permission::Maintain,
        "write" => Permission::Write,
        "triage" => Permission::Triage,
        "read" => Permission::Read,
        "none" => Permission::None,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_decide_and_unknown_ones_fall_back() {
        let cases = [
            ("write", Some("maintain"), Permission::Maintain),
            ("read", Some("triage"), Permission::Triage),
            ("write", Some("release-manager"), Permission::Write),
            ("admin", None, Permission::Admin),
            ("none", Some("none"), Permission::None),
            ("superuser", None, Permission::None),
        ];
        for (permission, role, expected) in cases {
            let granted = Granted {
                permission: permission.to_owned(),
                role_name: role.map(str::to_owned),
            };
            assert_eq!(granted.meaning(), expected, "{permission} {role:?}");
        }
    }
}

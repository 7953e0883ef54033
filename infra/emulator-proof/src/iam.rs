//! What the owner of the account has to change about roles, because the emulator is not AWS.
//!
//! Two things: it has no Fargate that could take on the daemon's role, so the owner may; and it asks about
//! `ssm:GetParameters` without saying which, so that no policy that names parameters allows it.

use anyhow::{Context as _, Result, bail};
use aws_credential_types::Credentials;
use http::{
    HeaderMap, HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::{Value, json};
use url::{Url, form_urlencoded::Serializer};

use crate::{
    account::Resource,
    caller::Caller,
    emulator::{OWNER, REGION},
};

/// The roles of functions that read settings.
pub(crate) const READERS: [&str; 5] = [
    "WebhookRole",
    "TriageRole",
    "WorkerRole",
    "SchedulerRole",
    "RelayRole",
];
/// The role of the function that reads none.
pub(crate) const API: &str = "ApiRole";
/// The daemon's role.
pub(crate) const DAEMON: &str = "DaemonTaskRole";
/// The only account there is.
const ACCOUNT: &str = "000000000000";
const VERSION: &str = "2010-05-08";
const ADDED: &str = "emulator";

/// Roles, as their owner changes them.
#[derive(Clone, Debug)]
pub(crate) struct Iam<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) url: &'a Url,
    pub(crate) resources: &'a [Resource],
}

impl Iam<'_> {
    /// Makes the roles usable at the emulator.
    pub(crate) async fn adapt(&self) -> Result<()> {
        let anybody = json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:root") });
        let trust = statement(json!({ "Principal": anybody, "Action": "sts:AssumeRole" }));
        let trust = trust.to_string();
        let change = [("PolicyDocument", trust.as_str())];
        self.change("UpdateAssumeRolePolicy", DAEMON, &change)
            .await?;
        let read = statement(json!({ "Action": "ssm:GetParameters", "Resource": "*" }));
        let read = read.to_string();
        for role in READERS {
            let change = [("PolicyName", ADDED), ("PolicyDocument", &read)];
            self.change("PutRolePolicy", role, &change).await?;
        }
        Ok(())
    }

    /// Takes away what the stack does not know of and would not delete.
    pub(crate) async fn restore(&self) -> Result<()> {
        for role in READERS {
            let change = [("PolicyName", ADDED)];
            self.change("DeleteRolePolicy", role, &change).await?;
        }
        Ok(())
    }

    /// The credentials that a role gives for an hour.
    pub(crate) async fn take_on(&self, role: &str) -> Result<Credentials> {
        let arn = format!("arn:aws:iam::{ACCOUNT}:role/{}", self.name(role)?);
        let form = [
            ("Action", "AssumeRole"),
            ("Version", "2011-06-15"),
            ("RoleArn", &arn),
            ("RoleSessionName", "deploy-check"),
        ];
        let answer = self.post("sts", &form).await?;
        let of = |name: &str| {
            let (_, rest) = answer.split_once(&format!("<{name}>"))?;
            rest.split_once('<').map(|(value, _)| value.to_owned())
        };
        let key = of("AccessKeyId").with_context(|| answer.clone())?;
        let secret = of("SecretAccessKey").context("no secret key")?;
        let token = of("SessionToken");
        Ok(Credentials::new(key, secret, token, None, "a role"))
    }

    /// The names of the roles that begin with `prefix`.
    pub(crate) async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        let form = [("Action", "ListRoles"), ("Version", VERSION)];
        let answer = self.post("iam", &form).await?;
        let names = answer.split("<RoleName>").skip(1);
        let names = names.filter_map(|rest| rest.split_once('<'));
        Ok(names
            .map(|(name, _)| name.to_owned())
            .filter(|name| name.starts_with(prefix))
            .collect())
    }

    async fn change(&self, action: &str, role: &str, more: &[(&str, &str)]) -> Result<()> {
        let name = self.name(role)?;
        let mut form = vec![("Action", action), ("Version", VERSION), ("RoleName", name)];
        form.extend_from_slice(more);
        self.post("iam", &form).await.map(drop)
    }

    fn name(&self, role: &str) -> Result<&str> {
        let found = self.resources.iter().find(|one| one.logical == role);
        Ok(&found.with_context(|| format!("no {role}"))?.physical)
    }

    async fn post(&self, service: &str, form: &[(&str, &str)]) -> Result<String> {
        // The emulator believes whoever says to be the owner.
        let owner = format!(
            "AWS4-HMAC-SHA256 Credential={OWNER}/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers =
            HeaderMap::from_iter([(AUTHORIZATION, owner.parse()?), (CONTENT_TYPE, form_type)]);
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let sent = self
            .caller
            .send(Method::POST, self.url, headers, body.into_bytes());
        let answer = sent.await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if !answer.status.is_success() {
            bail!("{form:?}: {text}");
        }
        Ok(text)
    }
}

fn statement(mut statement: Value) -> Value {
    statement["Effect"] = "Allow".into();
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

//! Buckets.

use super::{TemplateError, node::Known, resource::Resource, scope::Scope};

/// Encryption, access and lifecycle are the cloud's concern; anything else, such as notifications, would be missed.
const KNOWN: Known = Known {
    used: &[],
    ignored: &[
        "BucketName",
        "BucketEncryption",
        "PublicAccessBlockConfiguration",
        "OwnershipControls",
        "LifecycleConfiguration",
        "VersioningConfiguration",
        "Tags",
    ],
};

/// An S3 bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name at S3, in lower case.
    pub name: String,
}

pub(super) fn read(scope: &Scope<'_>, resource: &Resource) -> Result<Bucket, TemplateError> {
    scope.fields(resource, &KNOWN)?;
    Ok(Bucket {
        logical_id: resource.id.clone(),
        name: scope.name(resource, &resource.place())?,
    })
}

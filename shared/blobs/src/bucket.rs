//! One bucket.

use aws_sdk_s3::{Client, operation::get_object::GetObjectError, primitives::ByteStream};

use crate::BlobError;

/// A bucket of bodies.
#[derive(Clone, Debug)]
pub struct Blobs {
    client: Client,
    bucket: String,
}

impl Blobs {
    /// The bucket named `bucket`.
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self {
            client,
            bucket: bucket.into(),
        }
    }

    /// Writes an object, in place of any other of that key. Once it returns, the object is durable.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), BlobError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(bytes.into())
            .send()
            .await
            .map(drop)
            .map_err(|error| BlobError::from_sdk(&error))
    }

    /// Reads an object of at most `limit` bytes; none if there is no object of that key.
    pub async fn get(&self, key: &str, limit: usize) -> Result<Option<Vec<u8>>, BlobError> {
        let found = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await;
        match found {
            Ok(object) => read(object.body, limit).await.map(Some),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetObjectError::is_no_such_key) =>
            {
                Ok(None)
            }
            Err(error) => Err(BlobError::from_sdk(&error)),
        }
    }
}

async fn read(mut body: ByteStream, limit: usize) -> Result<Vec<u8>, BlobError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| BlobError::Unavailable {
            reason: "the object broke off".to_owned(),
        })?;
        if bytes.len() + chunk.len() > limit {
            return Err(BlobError::TooLarge { limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

//! Which S3 operation a request is.

use http::request::Parts;
use http::{Method, Uri};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// One S3 operation and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// The name in the API, or `Unknown`.
    pub(crate) name: &'static str,
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
}

impl Operation {
    /// The operation of a request in path style.
    pub(crate) fn of(parts: &Parts) -> Self {
        let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
        let path = path.trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (bucket, key) = (some(bucket), some(key));
        let query = Query(parts.uri.query().unwrap_or_default());
        let name = match (&bucket, &key) {
            (None, _) if parts.method == Method::GET => "ListBuckets",
            (None, _) => "Unknown",
            (Some(_), None) => of_bucket(&parts.method, &query),
            (Some(_), Some(_)) => {
                let copies = parts.headers.contains_key("x-amz-copy-source");
                of_object(&parts.method, &query, copies)
            }
        };
        Self { name, bucket, key }
    }

    /// What faults look at.
    pub(crate) fn fields(&self) -> Value {
        json!({ "Bucket": self.bucket, "Key": self.key })
    }

    /// The action a policy must allow, and the resource.
    pub(crate) fn action(&self) -> (String, String) {
        let action = match self.name {
            "HeadObject" => "GetObject",
            "HeadBucket" | "ListObjects" | "ListObjectsV2" => "ListBucket",
            "ListBuckets" => "ListAllMyBuckets",
            "CopyObject" | "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload" => {
                "PutObject"
            }
            "DeleteObjects" => "DeleteObject",
            other => other,
        };
        let resource = match (&self.bucket, &self.key) {
            (Some(bucket), Some(key)) => format!("{bucket}/{key}"),
            (Some(bucket), None) => bucket.clone(),
            (None, _) => "*".to_owned(),
        };
        (action.to_owned(), resource)
    }
}

struct Query<'a>(&'a str);

impl Query<'_> {
    /// Whether nothing but the SDK's own note of the operation is there.
    fn is_bare(&self) -> bool {
        self.0
            .split('&')
            .all(|pair| pair.is_empty() || pair.starts_with("x-id="))
    }

    fn has(&self, name: &str) -> bool {
        self.0
            .split('&')
            .any(|pair| pair.split('=').next() == Some(name))
    }
}

fn of_bucket(method: &Method, query: &Query<'_>) -> &'static str {
    match *method {
        Method::PUT if query.is_bare() => "CreateBucket",
        Method::DELETE if query.is_bare() => "DeleteBucket",
        Method::HEAD => "HeadBucket",
        Method::POST if query.has("delete") => "DeleteObjects",
        Method::GET if query.has("list-type") => "ListObjectsV2",
        Method::GET if query.has("location") => "GetBucketLocation",
        Method::GET if query.has("uploads") => "ListMultipartUploads",
        Method::GET => "ListObjects",
        _ => "Unknown",
    }
}

fn of_object(method: &Method, query: &Query<'_>, copies: bool) -> &'static str {
    let upload = query.has("uploadId");
    match *method {
        Method::PUT if upload => "UploadPart",
        Method::PUT if copies => "CopyObject",
        Method::PUT => "PutObject",
        Method::GET if upload => "ListParts",
        Method::GET => "GetObject",
        Method::HEAD => "HeadObject",
        Method::DELETE if upload => "AbortMultipartUpload",
        Method::DELETE => "DeleteObject",
        Method::POST if query.has("uploads") => "CreateMultipartUpload",
        Method::POST if upload => "CompleteMultipartUpload",
        _ => "Unknown",
    }
}

/// The address without what a presigned one carries. `None` when it cannot be put together again.
pub(super) fn without_signature(uri: &Uri) -> Option<Uri> {
    let Some(query) = uri.query() else {
        return Some(uri.clone());
    };
    let kept: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.starts_with("X-Amz-"))
        .collect();
    let target = if kept.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{}", uri.path(), kept.join("&"))
    };
    target.parse().ok()
}

//! Every kind of problem there is.

use std::borrow::Cow;

use super::Slug;

/// What is the same for all problems of a kind. There are those of [`Self::ALL`] and no others; each has a page in the public API.
#[derive(Debug, PartialEq, Eq)]
pub struct ProblemKind {
    slug: &'static str,
    status: u16,
    title: &'static str,
    meaning: &'static str,
    solution: &'static str,
}

impl ProblemKind {
    /// The kind with this slug.
    pub fn of(slug: &str) -> Option<&'static Self> {
        Self::ALL.iter().copied().find(|kind| kind.slug == slug)
    }

    /// The stable name.
    pub const fn slug(&self) -> Slug {
        Slug(Cow::Borrowed(self.slug))
    }

    /// The path of its page in the public API.
    pub fn path(&self) -> String {
        format!("/problems/{}", self.slug)
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The problem in a few words.
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// What it means, in whole sentences.
    pub fn meaning(&self) -> &'static str {
        self.meaning.trim_start()
    }

    /// What to do about it.
    pub const fn solution(&self) -> &'static str {
        self.solution
    }
}

/// Defines each kind and its slug. The comment above an entry is what its page says that it means.
macro_rules! registered {
    ($($(#[doc = $meaning:literal])+ $name:ident = $slug:literal, $status:literal, $title:literal, $solution:literal;)+) => {
        impl Slug {$(
            $(#[doc = $meaning])+
            pub const $name: Self = ProblemKind::$name.slug();
        )+}

        impl ProblemKind {
            $(
                $(#[doc = $meaning])+
                pub const $name: &'static Self = &Self {
                    slug: $slug,
                    status: $status,
                    title: $title,
                    meaning: concat!($($meaning),+),
                    solution: $solution,
                };
            )+

            /// Every kind, in the order of their slugs.
            pub const ALL: &'static [&'static Self] = &[$(Self::$name),+];
        }
    };
}

registered! {
    /// The request came with a key by which daemons prove themselves that this deployment does not know, or at a time that is
    /// too far from its own.
    DAEMON_UNPROVEN = "daemon-unproven", 401, "Not a daemon of this deployment",
        "Give the daemon the SWITCHYARD_DAEMON_KEY that the worker function has, and see that its clock is right.";
    /// Switchyard itself made a mistake. Nothing about it is said here; the log has it under the request's id.
    INTERNAL = "internal", 500, "Something went wrong inside Switchyard",
        "Try again; if it fails again, tell the operator the request_id.";
    /// The body is not the document that this address takes, or it is of another shape.
    INVALID_REQUEST = "invalid-request", 400, "The request is not what this address takes",
        "Send the document that is described for this address; the detail says what is wrong.";
    /// A person asked to stop the run that the job belongs to.
    JOB_CANCELLED = "job-cancelled", 409, "The run is to stop, as a person asked",
        "End the work, and report it as cancelled.";
    /// The time that the run had is over.
    JOB_EXPIRED = "job-expired", 409, "The run is to stop, since its time is over",
        "End the work, and report it as expired.";
    /// The job was finished before, by this daemon or by another one.
    JOB_FINISHED = "job-finished", 409, "The job has ended",
        "Drop the work and delete the message.";
    /// Another daemon's lease of the job holds, and that daemon has lately shown to be alive.
    JOB_LEASED = "job-leased", 409, "Another daemon holds the job",
        "Delete this copy of the message: the other daemon is alive and has one of its own.";
    /// The document is well formed, but says what cannot be of this job.
    JOB_MISMATCH = "job-mismatch", 422, "The request does not fit the job",
        "Send what the worker protocol says for this job; the detail says what does not fit.";
    /// Nobody may have the job yet: it was given back until a time, or its holder is late and perhaps lost.
    JOB_WAITING = "job-waiting", 409, "Nobody may have the job yet",
        "Hide the message for the time in Retry-After.";
    /// The lease has run out, and another daemon holds the job now.
    LEASE_STALE = "lease-stale", 409, "Another daemon has taken the job over",
        "Drop the work without pushing or reporting anything.";
    /// The address exists and does not take this method.
    METHOD_NOT_ALLOWED = "method-not-allowed", 405, "The method does not apply",
        "Use one of the methods in the Allow header.";
    /// There is nothing with this name. Daemons are told so of a job, for whose message nobody waits then.
    NOT_FOUND = "not-found", 404, "No such thing",
        "Check the name; a daemon drops the message.";
    /// The provider does not let the app reach the job's repository any more.
    REPOSITORY_REFUSED = "repository-refused", 403, "The repository is out of reach",
        "End the job as failed; the app's installation has to be mended first.";
    /// The address is none of this deployment's. It may be one of another function's, or of another version's.
    ROUTE_NOT_FOUND = "route-not-found", 404, "No such address",
        "Check the address, and which versions of the API the deployment serves.";
    /// The signature over the body is missing, or it was not made with this deployment's secret.
    SIGNATURE_REFUSED = "signature-refused", 401, "The request is not signed as it must be",
        "Sign the raw body with the webhook's secret.";
    /// The body has more bytes than this address takes.
    TOO_LARGE = "too-large", 413, "The body is too large",
        "Send a smaller body.";
    /// The token is missing, damaged, expired, or not for this.
    UNAUTHORIZED = "unauthorized", 401, "Not allowed",
        "Send the token that came with the job or its claim; if it has expired, drop the job.";
    /// Something that an answer needs is out of reach for the moment.
    UNAVAILABLE = "unavailable", 503, "Out of reach for the moment",
        "Try again after the time in Retry-After.";
    /// The body is compressed, or of a media type that this address does not take.
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type", 415, "The body's form is not taken",
        "Send application/json or application/x-www-form-urlencoded, not compressed.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_stands_once_and_in_order() {
        let slugs: Vec<&str> = ProblemKind::ALL.iter().map(|kind| kind.slug).collect();
        assert!(slugs.is_sorted_by(|a, b| a < b), "{slugs:?}");
        for kind in ProblemKind::ALL {
            assert_eq!(ProblemKind::of(kind.slug), Some(*kind));
        }
    }

    #[test]
    fn each_kind_says_in_sentences_what_it_means_and_what_to_do() {
        for kind in ProblemKind::ALL {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
            assert!(kind.slug.bytes().all(plain), "{}", kind.slug);
            assert!((400..600).contains(&kind.status), "{}", kind.slug);
            for sentence in [kind.meaning(), kind.solution()] {
                let begins = sentence.starts_with(|first: char| first.is_uppercase());
                assert!(
                    begins && sentence.ends_with('.'),
                    "{}: {sentence}",
                    kind.slug
                );
                assert!(!sentence.contains("  "), "{}: {sentence}", kind.slug);
            }
        }
    }
}

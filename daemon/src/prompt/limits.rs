//! How much of everything an agent is told.

/// The most bytes of each part of what people outside wrote. What is longer is cut in its middle; of a list the first
/// entry, the request and the newest stay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The title.
    pub(crate) title: usize,
    /// The text of the issue or pull request.
    pub(crate) body: usize,
    /// The comment that asked.
    pub(crate) request: usize,
    /// Any other comment, or a review.
    pub(crate) entry: usize,
    /// The comments on the same lines.
    pub(crate) thread: usize,
    /// All comments.
    pub(crate) comments: usize,
    /// All reviews.
    pub(crate) reviews: usize,
    /// All comments on lines.
    pub(crate) threads: usize,
    /// The change.
    pub(crate) diff: usize,
    /// Where there is more of what is cut.
    pub(crate) more: &'static str,
}

const KIB: usize = 1024;
const IN_FILE: &str = "; more is in the file that SWITCHYARD_CONTEXT names";

/// In the prompt about an issue.
pub(crate) const ISSUE: Limits = Limits {
    title: KIB,
    body: 40 * KIB,
    request: 16 * KIB,
    entry: 8 * KIB,
    thread: 0,
    comments: 52 * KIB,
    reviews: 0,
    threads: 0,
    diff: 0,
    more: IN_FILE,
};

/// In the prompt about a pull request.
pub(crate) const PULL_REQUEST: Limits = Limits {
    title: KIB,
    body: 16 * KIB,
    request: 8 * KIB,
    entry: 4 * KIB,
    thread: 9 * KIB,
    comments: 24 * KIB,
    reviews: 12 * KIB,
    threads: 20 * KIB,
    diff: 32 * KIB,
    more: IN_FILE,
};

/// In the context file.
pub(crate) const FILE: Limits = Limits {
    title: KIB,
    body: 256 * KIB,
    request: 256 * KIB,
    entry: 64 * KIB,
    thread: 256 * KIB,
    comments: 2 * KIB * KIB,
    reviews: 512 * KIB,
    threads: KIB * KIB,
    diff: 512 * KIB,
    more: "",
};

/// What Linux takes as one argument of a program, which is how some programs are given their prompt.
const ARGUMENT: usize = 128 * KIB;
/// What stands around the parts: our own half, and notes about what is missing.
const FRAME: usize = 6 * KIB;
const _: () = assert!(ISSUE.all() + FRAME < ARGUMENT && PULL_REQUEST.all() + FRAME < ARGUMENT);

impl Limits {
    /// A request that is not among the comments stands by itself.
    const fn all(&self) -> usize {
        let said = self.comments + self.reviews + self.threads + self.diff;
        self.title + self.body + self.request + said
    }
}

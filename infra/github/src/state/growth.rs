//! What later versions of the state file have besides the first one's tables.

/// One step for each version, oldest first. A file takes the steps that it lacks. Tables of the
/// first version that others may fill by hand keep their columns.
pub(super) const STEPS: [&str; 1] = ["
ALTER TABLE repository ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE repository ADD COLUMN drafts INTEGER NOT NULL DEFAULT 1;
ALTER TABLE repository ADD COLUMN has_issues INTEGER NOT NULL DEFAULT 1;
ALTER TABLE repository ADD COLUMN rule TEXT;
ALTER TABLE repository ADD COLUMN push_protection INTEGER NOT NULL DEFAULT 0;

ALTER TABLE issue ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE issue ADD COLUMN state_reason TEXT;

ALTER TABLE pull ADD COLUMN merged_at INTEGER;
ALTER TABLE pull ADD COLUMN merge_sha TEXT;
ALTER TABLE pull ADD COLUMN merged_by INTEGER REFERENCES account (id);

CREATE TABLE former_name (
    full_name TEXT PRIMARY KEY COLLATE NOCASE,
    repository_id INTEGER NOT NULL REFERENCES repository (id)
);

CREATE TABLE former_branch (
    repository_id INTEGER NOT NULL REFERENCES repository (id),
    name TEXT NOT NULL,
    now_called TEXT NOT NULL,
    PRIMARY KEY (repository_id, name)
);

CREATE TABLE suspension (
    installation_id INTEGER PRIMARY KEY REFERENCES installation (id),
    since INTEGER NOT NULL
);

CREATE TABLE blocked (
    owner_id INTEGER NOT NULL REFERENCES account (id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    PRIMARY KEY (owner_id, account_id)
);

CREATE TABLE review (
    id INTEGER PRIMARY KEY,
    issue_id INTEGER NOT NULL REFERENCES issue (id),
    author_id INTEGER NOT NULL REFERENCES account (id),
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    sha TEXT NOT NULL,
    submitted_at INTEGER
);
CREATE INDEX review_of_issue ON review (issue_id);

CREATE TABLE review_comment (
    id INTEGER PRIMARY KEY,
    issue_id INTEGER NOT NULL REFERENCES issue (id),
    review_id INTEGER NOT NULL REFERENCES review (id),
    author_id INTEGER NOT NULL REFERENCES account (id),
    in_reply_to INTEGER REFERENCES review_comment (id),
    body TEXT NOT NULL,
    path TEXT NOT NULL,
    sha TEXT NOT NULL,
    line INTEGER,
    start_line INTEGER,
    side TEXT NOT NULL,
    diff_hunk TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX review_comment_of_issue ON review_comment (issue_id);

CREATE TABLE check_run (
    id INTEGER PRIMARY KEY,
    repository_id INTEGER NOT NULL REFERENCES repository (id),
    sha TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    conclusion TEXT,
    details TEXT NOT NULL
);
CREATE INDEX check_run_of_sha ON check_run (repository_id, sha);

CREATE TABLE commit_status (
    id INTEGER PRIMARY KEY,
    repository_id INTEGER NOT NULL REFERENCES repository (id),
    sha TEXT NOT NULL,
    author_id INTEGER NOT NULL REFERENCES account (id),
    context TEXT NOT NULL,
    state TEXT NOT NULL,
    details TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX commit_status_of_sha ON commit_status (repository_id, sha);
"];

use super::*;

#[test]
fn complaints_become_decisions() {
    let table = [
        (
            "remote: Invalid username or token.\nfatal: Authentication failed for 'https://github.com/o/r.git/'",
            Verdict::NotYet,
        ),
        (
            "fatal: could not read Username for 'http://x': terminal prompts disabled",
            Verdict::NotYet,
        ),
        (
            "remote: Repository not found.\nfatal: repository 'https://github.com/o/r.git/' not found",
            Verdict::NotYet,
        ),
        (
            "remote: Permission to o/r.git denied to x[bot].\nfatal: unable to access 'u': The requested URL returned error: 403",
            Verdict::NotYet,
        ),
        (
            "remote: Write access to repository not granted.\nfatal: unable to access 'u': The requested URL returned error: 403",
            Verdict::NotYet,
        ),
        (
            "fatal: unable to access 'u': The requested URL returned error: 502",
            Verdict::Passing,
        ),
        (
            "fatal: unable to access 'u': Could not resolve host: github.com",
            Verdict::Passing,
        ),
        (
            "remote: This repository was archived so it is read-only.\nfatal: unable to access 'u': The requested URL returned error: 403",
            Verdict::Archived,
        ),
        (
            "! [remote rejected] c -> switchyard/x (cannot lock ref 'refs/heads/switchyard/x': 'refs/heads/switchyard' exists; cannot create)",
            Verdict::InTheWay,
        ),
        (
            "!\tc:refs/heads/switchyard/x\t[remote rejected] (directory file conflict)",
            Verdict::InTheWay,
        ),
        (
            "!\tc:refs/heads/switchyard/x\t[rejected] (stale info)",
            Verdict::Moved,
        ),
        (
            "fatal: couldn't find remote ref refs/pull/7/head",
            Verdict::Unknown,
        ),
        (
            "fatal: remote error: upload-pack: not our ref 0123456789",
            Verdict::Unknown,
        ),
    ];
    judged(&table);
}

#[test]
fn what_is_refused_for_its_content_is_named() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let table = [
        (
            "! [remote rejected] c -> b (refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission)",
            Verdict::Forbidden(names(&[".github/workflows/ci.yml"])),
        ),
        (
            "remote: error: File a b.bin is 123.00 MB; this exceeds GitHub's file size limit of 100.00 MB\nremote: error: GH001: Large files detected.\n",
            Verdict::TooLarge {
                files: names(&["a b.bin"]),
                limit: "100 MB".to_owned(),
            },
        ),
        (
            "remote: error: File a is 3.00 MB; this exceeds GitHub's file size limit of 2.50 MB\nremote: error: File b is 4.00 MB; this exceeds GitHub's file size limit of 2.50 MB\n",
            Verdict::TooLarge {
                files: names(&["a", "b"]),
                limit: "2.50 MB".to_owned(),
            },
        ),
        (
            "remote: error: File a is 3 MB; this exceeds GitHub's file size limit of @ada MB\n",
            Verdict::TooLarge {
                files: names(&["a"]),
                limit: "100 MB".to_owned(),
            },
        ),
        (
            "remote: error: GH013: Repository rule violations found for refs/heads/x.\nremote: - Push cannot contain secrets\nremote:     locations:\nremote:       - commit: abc\nremote:         path: conf/prod.env:3\nremote:         path: a:1\nremote:         path: conf/prod.env:9\n",
            Verdict::Credentials(names(&["a", "conf/prod.env"])),
        ),
        (
            "remote: error: GH008: Your push referenced at least 1 unknown Git LFS object:\n!\tc:b\t[remote rejected] (pre-receive hook declined)",
            Verdict::NotStored,
        ),
        (
            "remote: error: GH013: Repository rule violations found for refs/heads/x.\nremote: - Cannot create ref due to creations being restricted.\n",
            Verdict::Rules,
        ),
        (
            "remote: error: GH006: Protected branch update failed for refs/heads/x.",
            Verdict::Rules,
        ),
        (
            "remote: no\n!\tc:b\t[remote rejected] (protected branch hook declined)",
            Verdict::Rules,
        ),
        (
            "remote: declined\n!\tc:b\t[remote rejected] (pre-receive hook declined)",
            Verdict::Declined,
        ),
        (
            "fatal: write error: No space left on device",
            Verdict::NoRoom,
        ),
        ("fatal: bad object HEAD", Verdict::Other),
    ];
    judged(&table);
}

/// Every word that means something, as the name of a file may be.
const NAMES: [&str; 22] = [
    "No space left on device",
    "x: No space left on device",
    "Disk quota exceeded",
    "Read-only file system",
    "This repository was archived so it is read-only.",
    "not our ref",
    "couldn't find remote ref",
    "cannot lock ref",
    "; cannot create",
    "stale info",
    "fetch first",
    "error: GH006",
    "error: GH008",
    "error: GH013",
    "protected branch",
    "- Push cannot contain secrets",
    "pre-receive hook declined",
    "Internal Server Error",
    "returned error: 502",
    "returned error: 403",
    "Repository not found",
    "refusing to allow workflow `x` without `workflow",
];

#[test]
fn no_name_makes_a_verdict_of_what_git_does_alone() {
    for name in NAMES {
        for complaint in [
            format!("error: cannot stat '{name}': File name too long"),
            format!("error: unable to create file {name}: File name too long"),
            format!("error: cannot stat 'it's {name}' x': File name too long\n"),
            format!("error: invalid path '{name}'\nfatal: unable to checkout working tree"),
            format!("error: failed to encode '{name}.rc' from UTF-16 to UTF-8"),
            format!("Ignoring path {name}/.git/x"),
            format!("error: cannot stat '{name}"),
        ] {
            assert_eq!(Verdict::alone(&complaint), Verdict::Other, "{complaint}");
        }
    }
    for complaint in [
        "error: unable to create file a: No space left on device",
        "fatal: write error: Disk quota exceeded\n",
        "fatal: Unable to create '/x/it's/index.lock': Read-only file system",
    ] {
        assert_eq!(Verdict::alone(complaint), Verdict::NoRoom, "{complaint}");
    }
    // Nothing that is done alone is done again because of what it says.
    let passing = "fatal: the remote end hung up unexpectedly";
    assert_eq!(Verdict::alone(passing), Verdict::Other);
}

#[test]
fn no_name_changes_what_the_provider_says() {
    for name in NAMES {
        let names = vec![name.to_owned()];
        let large = format!(
            "remote: warning: File {name} is 60.00 MB; this is larger than GitHub's recommended maximum file size of 50.00 MB        \n\
             remote: error: File {name} is 123.00 MB; this exceeds GitHub's file size limit of 100.00 MB        \n\
             !\tc:b\t[remote rejected] (pre-receive hook declined)\nerror: failed to push some refs to '{name}'"
        );
        let limit = "100 MB".to_owned();
        let too_large = Verdict::TooLarge {
            files: names.clone(),
            limit,
        };
        assert_eq!(Verdict::of(&large), too_large, "{large}");
        let forbidden = format!(
            "!\tc:b\t[remote rejected] (refusing to allow a GitHub App to create or update workflow `{name}` without `workflows` permission)"
        );
        assert_eq!(Verdict::of(&forbidden), Verdict::Forbidden(names.clone()));
        let secret = format!(
            "remote: error: GH013: Repository rule violations found for refs/heads/x.        \n\
             remote: - Push cannot contain secrets        \nremote:         path: {name}:3        \n"
        );
        assert_eq!(Verdict::of(&secret), Verdict::Credentials(names));
        let unsaid = format!(
            "remote: warning: File {name} is 60.00 MB; this is larger\nremote:   path: {name}:3\nremote: see {name}\nfatal: unable to access 'https://x/{name}/': no"
        );
        assert_eq!(Verdict::of(&unsaid), Verdict::Other, "{unsaid}");
    }
}

fn judged(table: &[(&str, Verdict)]) {
    for (complaint, verdict) in table {
        assert_eq!(Verdict::of(complaint), *verdict, "{complaint}");
    }
}

//! Only what the agent changed becomes the change.

use domain::{FailureKind, Outcome};
use testkit::IMPLEMENT;

use crate::support::{BRANCH, Scene, Setup, git};

async fn after(prepare: &str, agent: &str) -> Scene {
    let setup = Setup::new(IMPLEMENT, agent);
    let mut scene = Scene::prepare(&setup).await;
    scene.hub.change(prepare);
    scene.run(setup);
    scene
}

fn changed(scene: &Scene) -> Vec<String> {
    let names = ["diff", "--name-status", "--no-renames", "main", BRANCH];
    let names = git(&scene.hub.repository(), &names);
    names.lines().map(|line| line.replace('\t', " ")).collect()
}

const LINE_ENDS: &str = r"
    printf '@echo off\r\necho hi\r\n' > run.bat
    printf 'one\r\ntwo\r\n' > notes.txt
    printf 'one\ntwo\n' > unix.bat
    printf '$Id$\n' > keyword.id
    git add -A; git commit -q -m one
    printf '*.txt text\n*.bat text eol=crlf\n*.id ident\n*.md diff=evil\n*.evil filter=evil\n' > .gitattributes
    git add .gitattributes; git commit -q -m attributes
";

#[tokio::test]
async fn line_ends_and_attributes_change_no_file_that_the_agent_did_not() {
    for (agent, expected) in [
        ("echo x >> README.md", &["M README.md"][..]),
        // What git itself writes into a checkout is no change either.
        (
            "echo x >> README.md; git add -A; git commit -q -m x; git stash -q || true; rm run.bat unix.bat; git checkout -q -- .",
            &["M README.md"],
        ),
        ("touch *; echo x >> README.md", &["M README.md"]),
        (
            "echo x > README.md; cat unix.bat > new.bat",
            &["M README.md", "A new.bat"],
        ),
    ] {
        let scene = after(LINE_ENDS, agent).await;
        assert_eq!(scene.pull().await.1, None, "{agent}");
        let mut changed = changed(&scene);
        changed.sort_by_key(|line| !line.ends_with("README.md"));
        assert_eq!(changed, expected, "{agent}");
    }
}

#[tokio::test]
async fn a_changed_line_changes_one_line() {
    let agent = r"
        sed -i 's/two/TWO/' notes.txt
        sed -i 's/two/TWO/' unix.bat
        printf 'new\r\n' > new.bat
    ";
    let scene = after(LINE_ENDS, agent).await;
    assert_eq!(scene.pull().await.1, None);
    let stat = ["diff", "--numstat", "main", BRANCH];
    let stat = git(&scene.hub.repository(), &stat);
    assert_eq!(stat, "1\t0\tnew.bat\n1\t1\tnotes.txt\n1\t1\tunix.bat\n");
    assert_eq!(scene.hub.file(BRANCH, "notes.txt"), "one\r\nTWO\r\n");
    assert_eq!(scene.hub.file(BRANCH, "unix.bat"), "one\nTWO\n");
    assert_eq!(scene.hub.file(BRANCH, "new.bat"), "new\n");
}

#[tokio::test]
async fn what_a_checkout_makes_of_a_file_is_undone_whatever_the_line_ends_are() {
    let wide = "iconv -t UTF-16LE";
    let prepare = r"
        printf '*.rc working-tree-encoding=UTF-16LE-BOM\n*.id ident text\n' > .gitattributes
        printf 'one\r\ntwo\r\n' > plain.rc
        printf '$Id$\r\ntwo\r\n' > plain.id
        blob() { git update-index --add --cacheinfo 100644,$(git hash-object -w --no-filters plain.$1),file.$1; }
        blob rc; blob id; rm plain.*; git add .gitattributes; git commit -q -m wide; git checkout -q -- .
        ";
    let agent = format!(
        r"
        printf 'three\r\n' | {wide} >> file.rc
        printf 'three\r\n' >> file.id
        {{ printf '\377\376'; printf 'new\n' | {wide}; }} > new.rc
        "
    );
    let scene = after(prepare, &agent).await;
    assert_eq!(scene.pull().await.1, None);
    let file = |name| scene.hub.file(BRANCH, name);
    assert_eq!(file("file.rc"), "one\r\ntwo\r\nthree\r\n");
    assert_eq!(file("file.id"), "$Id$\r\ntwo\r\nthree\r\n");
    assert_eq!(file("new.rc"), "new\n");

    // What is not in the encoding that is told for it is no reason to lose the rest.
    let agent = "echo x >> README.md; printf 'odd' > odd.rc";
    let scene = after(prepare, agent).await;
    let missing = scene.pull().await.1.unwrap();
    assert_eq!(missing.kind(), FailureKind::ChangeRefused);
    assert_eq!(missing.names(), ["odd.rc"]);
    assert_eq!(changed(&scene), ["M README.md"]);
}

#[tokio::test]
async fn every_line_that_was_there_stays_under_whatever_attributes() {
    let prepare = r#"
        blob() { git update-index --add --cacheinfo "100644,$(printf "$1" | git hash-object -w --stdin),$2"; }
        i=0
        while read -r attributes; do
            echo "a$i.* $attributes" >> .gitattributes
            blob '$Id$\none\n' a$i.lf
            blob '$Id$\r\none\r\n' a$i.cr
            i=$((i + 1))
        done <<'END'
text
text=auto
text=auto eol=crlf
text eol=lf
eol=crlf
-text
ident
ident text eol=crlf
ident text=auto eol=crlf
working-tree-encoding=UTF-16LE-BOM
working-tree-encoding=UTF-16LE-BOM ident text eol=crlf
working-tree-encoding=UTF-16 text=auto eol=crlf
END
        git add .gitattributes; git commit -q -m table; git checkout -q -- .
    "#;
    let agent = r#"
        for file in a*.lf a*.cr; do
            case "$(head -c 2 $file | od -An -tx1)" in
                *"ff fe"*) iconv -f UTF-16 -t UTF-8 $file | tail -n 1 | iconv -f UTF-8 -t UTF-16LE > more ;;
                *"fe ff"*) iconv -f UTF-16 -t UTF-8 $file | tail -n 1 | iconv -f UTF-8 -t UTF-16BE > more ;;
                *) tail -n 1 $file > more ;;
            esac
            cat more >> $file
        done
        rm more
    "#;
    let scene = after(prepare, agent).await;
    assert_eq!(scene.pull().await.1, None);
    assert_eq!(changed(&scene).len(), 24);
    for number in 0..12 {
        for (end, line_end) in [("lf", "\n"), ("cr", "\r\n")] {
            let name = format!("a{number}.{end}");
            let lines = ["$Id$", "one", "one", ""].join(line_end);
            assert_eq!(scene.hub.file(BRANCH, &name), lines, "{name}");
        }
    }
}

#[tokio::test]
async fn files_that_a_filter_should_keep_in_another_form_are_left_out() {
    let prepare = r"
        printf '*.key filter=git-crypt diff=git-crypt\n*.txt filter\n*.log -filter\n' > .gitattributes
        printf 'GITCRYPT one' > one.key; printf 'GITCRYPT two' > two.key; echo a > a.txt; echo a > a.log
        git add -A; git commit -q -m crypt
    ";
    let agent = r"
        echo x >> README.md; echo plain > one.key; echo plain > new.key
        mkdir keys; mv two.key keys/two.key
        echo x >> a.txt; echo x >> a.log
    ";
    let scene = after(prepare, agent).await;
    let missing = scene.pull().await.1.unwrap();
    assert_eq!(missing.kind(), FailureKind::FilteredFiles);
    assert_eq!(missing.names(), ["new.key", "one.key"]);
    assert_eq!(
        changed(&scene),
        [
            "M README.md",
            "M a.log",
            "M a.txt",
            "A keys/two.key",
            "D two.key"
        ]
    );
}

#[tokio::test]
async fn what_is_put_into_a_submodule_is_said() {
    let prepare = r#"
        git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),vendor/lib"
        git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),vendor/other"
        echo a > old.c; git add old.c; git commit -q -m sub
    "#;
    let agent = "echo x >> README.md; mv old.c vendor/lib/x.c";
    let scene = after(prepare, agent).await;
    let missing = scene.pull().await.1.unwrap();
    assert_eq!(missing.kind(), FailureKind::NestedRepository);
    assert_eq!(missing.names(), ["vendor/lib"]);
    assert_eq!(changed(&scene), ["M README.md"]);

    let scene = after(prepare, "echo x > vendor/lib/y.c").await;
    let failure = scene.whole_failure().await;
    assert_eq!(failure.kind(), FailureKind::NestedRepository);
    assert_eq!(failure.names(), ["vendor/lib"]);
}

#[tokio::test]
async fn what_is_moved_is_neither_new_nor_lost() {
    let key = "key() { printf -- '-----BEGIN %s KEY-----\n' 'RSA PRIVATE'; seq 40; }";
    let prepare = format!(
        "{key}; mkdir tests; key > tests/key.pem; seq 9 > plan.yml; echo a > inside; git add -A; git commit -q -m key"
    );
    for (agent, expected) in [
        (
            "mkdir tests/fixtures; mv tests/key.pem tests/fixtures/key.pem",
            "A tests/fixtures/key.pem,D tests/key.pem",
        ),
        (
            "mkdir f; mv tests/key.pem f/key.pem; echo more >> f/key.pem",
            "A f/key.pem,D tests/key.pem",
        ),
        ("cp tests/key.pem copy.pem", "A copy.pem"),
    ] {
        let scene = after(&prepare, agent).await;
        assert_eq!(scene.pull().await.1, None, "{agent}");
        assert_eq!(changed(&scene).join(","), expected, "{agent}");
    }
    // Where something must not be at its new place, it stays at the old one.
    let named = "$(printf 'AKIA%s.txt' ABCDEFGHIJKLMNOP)";
    for (agent, name) in [
        (
            "mkdir -p .github/workflows; mv plan.yml .github/workflows/plan.yml",
            ".github/workflows/plan.yml",
        ),
        ("git init -q inner; mv plan.yml inside inner", "inner/"),
        (&format!("mv plan.yml {named}"), ""),
    ] {
        let scene = after(&prepare, &format!("echo x >> README.md; {agent}")).await;
        let missing = scene.pull().await.1.unwrap();
        assert_eq!(missing.names().len(), 1, "{agent}");
        assert!(missing.names()[0].starts_with(name), "{agent}");
        assert_eq!(changed(&scene), ["M README.md"], "{agent}");
    }
}

#[tokio::test]
async fn files_of_git_lfs_stay_pointers() {
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n",
        "a".repeat(64)
    );
    let prepare = format!(
        "printf '*.bin filter=lfs diff=lfs merge=lfs -text\n' > .gitattributes; printf '{}' > model.bin; git add -A; git commit -q -m lfs",
        pointer.replace('\n', "\\n")
    );
    let scene = after(&prepare, "echo x >> README.md; mv model.bin moved.bin").await;
    assert_eq!(scene.pull().await.1, None);
    assert_eq!(scene.hub.file(BRANCH, "moved.bin"), pointer);

    let scene = after(
        &prepare,
        "echo x >> README.md; echo raw > model.bin; echo raw > new.bin",
    )
    .await;
    let missing = scene.pull().await.1.unwrap();
    assert_eq!(missing.kind(), FailureKind::LargeFileStorage);
    assert_eq!(missing.names(), ["model.bin", "new.bin"]);
    assert_eq!(changed(&scene), ["M README.md"]);
}

#[tokio::test]
async fn every_kind_of_change_is_one() {
    let prepare = "mkdir dir; echo a > dir/a; echo b > old; ln -s old link; echo '*.log' > .gitignore; git add -A; git commit -q -m more";
    for (agent, expected) in [
        ("chmod +x old", "M old"),
        ("mv old new; rm link", "D link,A new,D old"),
        ("rm -r dir; echo x > dir", "A dir,D dir/a"),
        ("rm link; echo x > link", "T link"),
        ("ln -sf README.md link", "M link"),
        (
            "rm old; mkdir old; echo x > old/x; rm link",
            "D link,D old,A old/x",
        ),
        ("echo x > a.log; echo x > b", "A b"),
        ("echo x > \"a b\tc\"", "A \"a b\\tc\""),
        (
            "mkdir deep; ln -s ../dir/a deep/link; ln -s deep/link over",
            "A deep/link,A over",
        ),
    ] {
        let scene = after(prepare, agent).await;
        assert_eq!(scene.pull().await.1, None, "{agent}");
        assert_eq!(changed(&scene).join(","), expected, "{agent}");
    }
}

#[tokio::test]
async fn names_that_are_no_text_are_names() {
    let agent = r#"ln -s README.md "$(printf 'l\351nk')"; echo x > "$(printf 'f\351le')""#;
    let scene = after("true", agent).await;
    assert_eq!(scene.pull().await.1, None);
    let names = ["ls-tree", "--name-only", "-z", BRANCH];
    let names = git(&scene.hub.repository(), &names);
    assert_eq!(names.matches('\u{FFFD}').count(), 2, "{names:?}");

    let agent = r#"head -c 6000000 /dev/zero > "$(printf 'l\351rge')""#;
    let scene = after("true", agent).await;
    let failure = scene.whole_failure().await;
    assert_eq!(failure.kind(), FailureKind::FilesTooLarge);
    assert_eq!(failure.names(), ["l\u{FFFD}rge (at most 5 MiB)"]);
}

#[tokio::test]
async fn what_may_not_be_changed_is_left_out_and_the_rest_is_kept() {
    for (agent, kind, names) in [
        (
            "mkdir -p .github/workflows; echo 'on: push' > .github/workflows/ci.yml",
            FailureKind::ProtectedFiles,
            &[".github/workflows/ci.yml"][..],
        ),
        ("ln -s /etc/passwd out", FailureKind::LinksOutside, &["out"]),
        (
            "mkdir -p s/t; ln -s ../.. s/t/l; ln -s s/t/l/../../../etc/passwd p",
            FailureKind::LinksOutside,
            &["p"],
        ),
        (
            "git init -q inner; echo x > inner/file",
            FailureKind::NestedRepository,
            &["inner/"],
        ),
        (
            "git init -q --bare deep/store; echo x > deep/store/refs/x; echo x > deep/store/objects/x",
            FailureKind::NestedRepository,
            &["deep/store/"],
        ),
        (
            "mkdir -p s/Objects s/refs; echo x | tee s/Objects/x > s/refs/x; echo 'ref: refs/heads/main' > s/head; \
             printf '[core]\\n\\tfsmonitor = touch pwned\\n' > s/config",
            FailureKind::NestedRepository,
            &["s/"],
        ),
        (
            "head -c 6000000 /dev/zero > large.bin",
            FailureKind::FilesTooLarge,
            &["large.bin (at most 5 MiB)"],
        ),
        (
            "mkdir .GIT; echo x > .GIT/config",
            FailureKind::ProtectedFiles,
            &[".GIT/config"],
        ),
        (
            "mkdir git~1; echo x > git~1/config",
            FailureKind::ProtectedFiles,
            &["git~1/config"],
        ),
        (
            r"mkdir deep; echo x > 'deep/a\.git'",
            FailureKind::ProtectedFiles,
            &[r"deep/a\.git"],
        ),
        // Git passes over it without a failure.
        (
            "ln -s README.md gitmod~1",
            FailureKind::ProtectedFiles,
            &["gitmod~1"],
        ),
    ] {
        let scene = after("true", &format!("echo fix >> README.md; {agent}")).await;
        let missing = scene.pull().await.1.unwrap();
        assert_eq!(
            (missing.kind(), missing.names().len()),
            (kind, 1),
            "{agent}"
        );
        assert_eq!(missing.names(), names, "{agent}");
        assert!(
            changed(&scene).contains(&"M README.md".to_owned()),
            "{agent}"
        );
        let body = scene.hub.state.lock().pulls[0]["body"].to_string();
        assert!(body.contains("Left out: `"), "{body}");
    }
}

#[tokio::test]
async fn a_file_that_git_passes_over_is_no_missing_change() {
    for (prepare, agent) in [
        ("true", r"echo x > 'a\.git'"),
        ("true", "ln -s README.md gitmod~1"),
        (
            "echo x > gitmod~1; git add -A; git commit -q -m x",
            "ln -sf README.md gitmod~1",
        ),
    ] {
        let scene = after(prepare, agent).await;
        assert_eq!(
            scene.failure().await,
            FailureKind::ProtectedFiles,
            "{agent}"
        );
    }
}

#[tokio::test]
async fn a_folder_in_whose_place_a_repository_was_put_stays() {
    let prepare = "mkdir inner; echo a > inner/a; git add -A; git commit -q -m inner";
    let agent = "echo fix >> README.md; rm -r inner; git init -q --bare inner";
    let scene = after(prepare, agent).await;
    let missing = scene.pull().await.1.unwrap();
    assert_eq!(missing.kind(), FailureKind::NestedRepository);
    assert_eq!(missing.names(), ["inner/"]);
    assert_eq!(changed(&scene), ["M README.md"]);
}

#[tokio::test]
async fn no_change_with_a_reason_is_an_answer_and_without_one_a_failure() {
    let agent = r#"echo 'It says hello already.' > "$SWITCHYARD_OUTPUT/summary.md""#;
    let scene = after("true", agent).await;
    let finished = scene.finished().await;
    assert_eq!(finished.outcome, Outcome::Unchanged);
    assert_eq!(
        finished.findings.as_deref(),
        Some("It says hello already.\n")
    );
    for agent in ["true", "echo ' ' > \"$SWITCHYARD_OUTPUT/summary.md\""] {
        let scene = after("true", agent).await;
        assert_eq!(scene.failure().await, FailureKind::NoChange, "{agent}");
    }
}

#[tokio::test]
async fn a_check_that_is_not_there_is_no_failed_check() {
    let setup = Setup {
        check: Some(vec!["no-such-program-anywhere".to_owned()]),
        ..Setup::new(IMPLEMENT, "echo hello > greeting.txt")
    };
    let scene = Scene::start(setup).await;
    let missing = scene.pull().await.1.unwrap();
    assert_eq!(missing.kind(), FailureKind::CheckMissing);
}

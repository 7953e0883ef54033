//! Agents and repositories that mean harm.

use domain::{FailureKind, Outcome};
use testkit::IMPLEMENT;

use crate::support::{BRANCH, Scene, Setup};

async fn works_without_harm(setup: Setup) -> Scene {
    let agent = setup.agent.clone();
    let scene = Scene::start(setup).await;
    let finished = scene.finished().await;
    assert!(
        matches!(finished.outcome, Outcome::Succeeded { .. }),
        "{agent}: {finished:?}"
    );
    without_harm(&scene);
    scene
}

fn without_harm(scene: &Scene) {
    assert_eq!(scene.hub.file(BRANCH, "greeting.txt"), "hello\n");
    assert_eq!(scene.hub.file("main", "greeting.txt"), "goodbye\n");
    for trap in ["pwned", "stolen"] {
        assert!(!scene.folder.path().join(trap).exists(), "{trap}");
    }
}

#[tokio::test]
async fn nothing_an_agent_sets_in_git_has_any_effect() {
    let agent = r#"
        trap_it="touch $SCENE/pwned; false"
        for folder in . "$HOME"; do
            git config --file "$folder/evil" core.fsmonitor "$trap_it"
            git config --file "$folder/evil" core.hooksPath "$SCENE/hooks"
            git config --file "$folder/evil" core.sshCommand "$trap_it"
            git config --file "$folder/evil" core.pager "$trap_it"
            git config --file "$folder/evil" diff.external "$trap_it"
            git config --file "$folder/evil" filter.evil.clean "touch $SCENE/pwned; cat"
            git config --file "$folder/evil" filter.evil.required true
            git config --file "$folder/evil" credential.helper "!tee -a $SCENE/stolen"
            git config --file "$folder/evil" http.proxy http://127.0.0.1:1
            git config --file "$folder/evil" url.http://127.0.0.1:1/.insteadOf http://
            git config --file "$folder/evil" gpg.program "$SCENE/hooks/pre-push"
            git config --file "$folder/evil" commit.gpgSign true
        done
        cat evil >> .git/config
        mv "$HOME/evil" "$HOME/.gitconfig"; rm evil
        mkdir -p "$SCENE/hooks" "$HOME/.config/git" .git/info .git/hooks
        echo '* filter=evil' > "$HOME/.config/git/attributes"
        echo '* filter=evil' > .git/info/attributes
        for hook in pre-push pre-commit post-checkout reference-transaction; do
            printf '#!/bin/sh\ntouch %s/pwned\nexit 1\n' "$SCENE" > "$SCENE/hooks/$hook"
            chmod +x "$SCENE/hooks/$hook"; cp "$SCENE/hooks/$hook" .git/hooks/
        done
        for home in ../git-*; do
            cp "$HOME/.gitconfig" "$home/"; cp -r "$HOME/.config" "$home/"
            mkdir -p "$home/fresh.git/hooks"; cp "$HOME/.gitconfig" "$home/fresh.git/config"
        done
        echo hello > greeting.txt; echo hello > side.evil
    "#;
    let mut setup = Setup::new(IMPLEMENT, agent);
    let attributes = "* diff=evil\n*.evil filter=evil\n";
    setup.files.push((".gitattributes", attributes));
    let scene = Scene::start(setup).await;
    // What its filter would make of the file is unknown here.
    let missing = scene.pull().await.1.unwrap();
    assert_eq!(missing.names(), ["side.evil"]);
    without_harm(&scene);
}

#[tokio::test]
async fn the_agents_own_repository_and_commits_do_not_matter() {
    for agent in [
        "echo hello > greeting.txt; rm -rf .git",
        "echo hello > greeting.txt; rm -rf .git; ln -s / .git",
        "echo hello > greeting.txt; rm -rf .git; git init -q .; git commit -q --allow-empty -m mine",
        "echo hello > greeting.txt; git commit -q -a -m mine; git checkout -q --orphan other; git commit -q -m more",
        "echo hello > greeting.txt; git update-index --assume-unchanged greeting.txt; mkdir .git/info; echo '*' > .git/info/exclude",
        "echo hello > greeting.txt; git replace HEAD $(git commit-tree HEAD^{tree} -m other)",
    ] {
        let scene = works_without_harm(Setup::new(IMPLEMENT, agent)).await;
        let history =
            crate::support::git(&scene.hub.repository(), &["rev-list", "--count", BRANCH]);
        assert_eq!(history, "2\n", "{agent}");
    }
}

#[tokio::test]
async fn changes_that_an_agent_may_not_make_are_refused() {
    use FailureKind::{
        ChangeRefused, ChangeTooLarge, CredentialsFound, FilesTooLarge, LinksOutside,
        NestedRepository, ProtectedFiles,
    };
    for (agent, kind) in [
        (
            "mkdir -p .github/workflows; echo 'on: push' > .github/workflows/x.yml",
            ProtectedFiles,
        ),
        (
            "mkdir -p .github/actions/x; echo x > .github/actions/x/action.yml",
            ProtectedFiles,
        ),
        ("echo '* filter=x' > .gitattributes", ProtectedFiles),
        (
            "printf '[submodule \"x\"]\\n\\tpath = x\\n' > .gitmodules",
            ProtectedFiles,
        ),
        ("ln -s /etc/passwd link", LinksOutside),
        ("ln -s ../../outside link", LinksOutside),
        ("ln -s .git/config link", LinksOutside),
        ("ln -s loop loop", LinksOutside),
        (
            "mkdir inner; git init -q inner; git -C inner commit -q --allow-empty -m x",
            NestedRepository,
        ),
        (
            "mkdir inner; git init -q inner; echo x > inner/file",
            NestedRepository,
        ),
        ("head -c 6000000 /dev/zero > large.bin", FilesTooLarge),
        (
            "mkdir many; for n in $(seq 1 3001); do echo $n > many/$n; done",
            ChangeTooLarge,
        ),
        (
            "echo 'token = ghs_0123456789abcdefghijklmnopqrstuvwxyzABCD' > settings.txt",
            CredentialsFound,
        ),
        ("echo lease-token-93ab5f > leaked.txt", CredentialsFound),
        (
            "for pack in ../git-*/*.pack; do chmod u+w $pack; echo junk > $pack; done; echo hello > greeting.txt",
            ChangeRefused,
        ),
        ("cd ..; rm -rf checkout; ln -s /etc checkout", ChangeRefused),
    ] {
        let scene = Scene::start(Setup::new(IMPLEMENT, agent)).await;
        assert_eq!(scene.failure().await, kind, "{agent}");
        assert_eq!(scene.hub.branches(), ["main"], "{agent}");
        assert!(scene.hub.state.lock().pulls.is_empty(), "{agent}");
    }
}

#[tokio::test]
async fn a_link_that_stays_inside_is_a_change_like_any_other() {
    let agent = "echo hello > greeting.txt; mkdir deep; ln -s ../greeting.txt deep/link";
    works_without_harm(Setup::new(IMPLEMENT, agent)).await;
}

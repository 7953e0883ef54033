//! Agents that mean harm by the files they leave, or look for.

use crate::hostile_cases::{Case, Held, Sign, case, pair};

/// Files where a later job, git or the agent's program would find them.
pub(crate) const FILES: &[Case] = &[
    pair(
        "a package in the parent folder",
        Held::EvenAtNone,
        "mkdir -p ../node_modules/helper && echo evil > ../node_modules/helper/index.js",
        "test -e ../node_modules && breach",
    ),
    pair(
        "a package above that",
        Held::Everywhere,
        "mkdir -p ../../node_modules/helper && echo evil > ../../node_modules/helper/index.js",
        "test -e ../../node_modules && breach",
    ),
    pair(
        "a package at the top",
        Held::Everywhere,
        "mkdir -p ../../../node_modules/helper && echo evil > ../../../node_modules/helper/index.js",
        "test -e ../../../node_modules && breach",
    ),
    pair(
        "a file in /tmp",
        Held::Everywhere,
        "echo evil > /tmp/$MARK; chmod 666 /tmp/$MARK",
        "test -e /tmp/$MARK && { breach; rm -f /tmp/$MARK; }",
    ),
    pair(
        "a locked folder in /var/tmp",
        Held::Everywhere,
        "mkdir -p /var/tmp/$MARK/deep; touch /var/tmp/$MARK/deep/file; chmod 000 /var/tmp/$MARK/deep",
        "test -e /var/tmp/$MARK && { breach; chmod 700 /var/tmp/$MARK/deep; rm -rf /var/tmp/$MARK; }",
    ),
    pair(
        "a file in an open folder below one that is not",
        Held::Everywhere,
        r#"echo evil > "$SCENE/shared/open/$MARK""#,
        r#"test -e "$SCENE/shared/open/$MARK" && { breach; rm -f "$SCENE/shared/open/$MARK"; }"#,
    ),
    pair(
        "settings in the home",
        Held::EvenAtNone,
        r#"printf '[core]\n\tpager = evil\n' > "$HOME/.gitconfig"; mkdir -p "$HOME/.cargo" && echo evil > "$HOME/.cargo/config.toml""#,
        r#"test -e "$HOME/.gitconfig" -o -e "$HOME/.cargo" && breach"#,
    ),
    pair(
        "a cache",
        Held::EvenAtNone,
        r#"mkdir -p "$HOME/.cache/pip" "$TMPDIR/cache" && touch "$HOME/.cache/pip/evil" "$TMPDIR/cache/evil""#,
        r#"test -e "$HOME/.cache" -o -e "$TMPDIR/cache" && breach"#,
    ),
    pair(
        "another agent in place of the agent",
        Held::Everywhere,
        r#"planted >> "$SCENE/agent.sh""#,
        "true",
    ),
    pair(
        "settings beside the agent, where it reads them",
        Held::Everywhere,
        r#"planted > "$SCENE/agent.conf""#,
        "true",
    ),
    case(
        "settings in the daemon's own home",
        Sign::Changed("home/.gitconfig"),
        Held::Everywhere,
        r#"echo evil > "$SCENE/home/.gitconfig""#,
    ),
    case(
        "a git in a folder of the path",
        Sign::Changed("bin/git"),
        Held::Everywhere,
        r#"echo evil > "$SCENE/bin/git""#,
    ),
    case(
        "another program in place of the daemon's",
        Sign::Changed("bin/daemon"),
        Held::Everywhere,
        r#"rm -f "$SCENE/bin/daemon" && echo evil > "$SCENE/bin/daemon""#,
    ),
    case(
        "settings in git's own home",
        Sign::Said,
        Held::Everywhere,
        "for home in ../git-*; do touch \"$home/config\" 2> /dev/null && breach; done",
    ),
    case(
        "the stack's secrets",
        Sign::Said,
        Held::Everywhere,
        "grep -q STATE \"$SCENE/state/secrets.json\" && breach",
    ),
    case(
        "the stack's tables",
        Sign::Changed("state/table.db"),
        Held::Everywhere,
        "echo evil >> \"$SCENE/state/table.db\"",
    ),
    case(
        "the daemon's log",
        Sign::Changed("state/log"),
        Held::Everywhere,
        "echo evil >> \"$SCENE/state/log\"",
    ),
    case(
        "the folder of all jobs",
        Sign::Said,
        Held::Everywhere,
        "test \"$(stat -c %i ../..)\" = \"$GROUND\" && chmod 0500 ../.. && breach; chmod 0711 ../..",
    ),
    case(
        "the lock of all daemons",
        Sign::Said,
        Held::Everywhere,
        "test \"$(stat -c %i ../../../lock)\" = \"$LOCK\" && echo x >> ../../../lock && breach",
    ),
    case(
        "a link in the place of its output",
        Sign::Said,
        Held::EvenAtNone,
        r#"rm -rf "$SWITCHYARD_OUTPUT" 2> /dev/null; ln -s "$SCENE/state" "$SWITCHYARD_OUTPUT" 2> /dev/null"#,
    ),
    case(
        "a link in the place of its findings",
        Sign::Said,
        Held::EvenAtNone,
        r#"rm -f "$SWITCHYARD_OUTPUT/findings.md"; ln -s "$SCENE/state/findings.md" "$SWITCHYARD_OUTPUT/findings.md""#,
    ),
    case(
        "a second name of a secret",
        Sign::Said,
        Held::Everywhere,
        r#"rm -f "$SWITCHYARD_OUTPUT/findings.md"; ln "$SCENE/state/findings.md" "$SWITCHYARD_OUTPUT/findings.md""#,
    ),
    case(
        "what it is told",
        Sign::Said,
        Held::Everywhere,
        r#"echo evil 2> /dev/null >> "$SWITCHYARD_PROMPT" && breach"#,
    ),
];

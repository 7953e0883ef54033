use proptest::prelude::*;

use super::*;
use crate::DefinitionName;

const IMPLEMENT_NAME: DefinitionName = DefinitionName::literal("implement");
const INVESTIGATE_NAME: DefinitionName = DefinitionName::literal("investigate");
const IMPLEMENT: Asked = Asked::Command(Command::Start(IMPLEMENT_NAME));
const INVESTIGATE: Asked = Asked::Command(Command::Start(INVESTIGATE_NAME));
const STOP: Asked = Asked::Command(Command::Stop);

fn vocabulary() -> Vocabulary {
    Vocabulary::new([IMPLEMENT_NAME, INVESTIGATE_NAME])
}

fn meant(command: Command) -> Asked {
    Asked::NearMiss(NearMiss {
        meant: Some(command),
    })
}

fn all(expected: Asked, bodies: &[&str]) {
    for body in bodies {
        assert_eq!(vocabulary().in_comment(body), expected, "{body:?}");
    }
}

#[test]
fn a_command_is_a_line_that_a_reader_sees() {
    all(
        IMPLEMENT,
        &[
            "bot:implement",
            "Please.\r\n  bot:implement  \r\nThanks",
            "```\n~~~\n```\nbot:implement",
            "``` is an inline sign ```\nbot:implement",
            "a ```b``` c\n\nbot:implement",
            "```b```\nbot:implement",
            "````\n```\n````\nbot:implement",
            "bot:implement <!-- a note -->",
            "bot:implement\n<!-- a note -->",
            "<!-- a note -->\nbot:implement",
            "bot:implement\n--\nAda",
            "bot:implement\n---",
            "> quoted\n\nbot:implement",
            "bot:implement\n> quoted",
            "**bot:implement**",
            "- a list\n\nbot:implement",
            "bot&#58;implement",
            "text<br>bot:implement",
            "<details>\n\nfolded\n\n</details>\n\nbot:implement",
            "\\\nbot:implement",
            "bot:implement\nbot:investigate",
            "bot:deploy\nbot:implement",
        ],
    );
    all(
        INVESTIGATE,
        &["bot:investigate\n\nOn Monday ada wrote:\n> hi"],
    );
    all(STOP, &["bot:stop", "bot:stop\nbot:implement"]);
}

#[test]
fn capitals_and_invisible_signs_change_nothing() {
    all(
        IMPLEMENT,
        &[
            "Bot:implement",
            "BOT:IMPLEMENT",
            "bot:Implement",
            "bot:implement\u{200B}",
            "\u{FEFF}bot:implement",
            "\u{A0}bot:implement\u{A0}",
            "bot:\u{2060}implement",
            "bot:imple\u{AD}ment\u{FE0F}",
            "\u{200E}bot:implement\u{3164}",
        ],
    );
    assert_eq!(vocabulary().in_label("Bot:Investigate"), INVESTIGATE);
    assert_eq!(vocabulary().in_label(" bot:stop\u{200D}"), STOP);
}

#[test]
fn what_is_an_example_or_unseen_asks_for_nothing() {
    all(
        Asked::Nothing,
        &[
            "",
            "> bot:implement",
            "> quoted\nbot:implement",
            "`bot:implement`",
            "``bot:implement``",
            "I would write bot:implement here",
            "```\nbot:implement\n```",
            "```\nbot:implement",
            "~~~\n```\nbot:implement\n~~~",
            "````\n```\nbot:implement\n```\n````",
            "```\n``` still open\nbot:implement\n```",
            "    bot:implement",
            "\tbot:implement",
            "<!-- bot:implement -->",
            "<!--\nbot:implement\n-->",
            "Text\n\n<!--\n\nbot:implement\n\n-->\n",
            "<!-- one\n\nbot:implement",
            "<details>\n\nbot:implement\n\n</details>",
            "<details><summary>How</summary>\n\nbot:implement\n",
            "<div hidden>\n\nbot:implement\n\n</div>",
            "<blockquote>\n\nbot:implement\n\n</blockquote>",
            "<pre>\nbot:implement\n</pre>",
            "[//]: # (\nbot:implement\n)",
            "[x]: bot:implement",
            "[bot:implement](https://example.com)",
            "![bot:implement](a.png)",
            "~~bot:implement~~",
            "- bot:implement",
            "1. bot:implement",
            "| a |\n|---|\n| bot:implement |",
            "|a|\n|-|\nbot:implement",
            "[^1]: bot:implement",
            "# bot:implement",
            "robot:implement",
            "The bots: implement them",
            "bot stop doing this",
            "bot: the release is broken",
            "bot:8080",
            "/bot deploy",
        ],
    );
}

#[test]
fn near_misses_are_known_with_what_was_meant() {
    let implement = Command::Start(IMPLEMENT_NAME);
    all(
        meant(implement),
        &[
            "bot: implement",
            "Bot: Implement.",
            "bot :implement",
            "bot：implement",
            "bot;implement",
            "bot:implment",
            "bot:implemetn",
            "bot:implemented",
            "/bot implement",
            "/bot:implement",
            "@bot implement this please",
            "bot implement",
            "bot:implement now please",
            "bot:implement.",
            "bot:implement `src`",
            "bot: deploy\nbot: implement",
        ],
    );
    all(
        meant(Command::Stop),
        &["bot:stopp", "bot: stop!", "bot:sotp"],
    );
    all(
        meant(Command::Start(INVESTIGATE_NAME)),
        &["bot:investigat", "bot:invetigate please"],
    );
    all(
        Asked::NearMiss(NearMiss { meant: None }),
        &["bot:deploy", "bot:help", "bot:deploy\nbot: implement"],
    );
    assert_eq!(vocabulary().in_label("bot: implement"), meant(implement));
    assert_eq!(vocabulary().in_label("bot:stale"), Asked::Nothing);
}

#[test]
fn names_with_hyphens_and_long_ones_are_commands_too() {
    const SHIP: DefinitionName = DefinitionName::literal("ship-it");
    const LONG: DefinitionName = DefinitionName::literal("check-licences-of-everything");
    let vocabulary = Vocabulary::new([IMPLEMENT_NAME, SHIP, LONG]);
    let asked = |text: &str| vocabulary.in_comment(text);
    for name in [SHIP, LONG] {
        let command = Command::Start(name);
        assert_eq!(asked(&format!("bot:{name}")), Asked::Command(command));
        for near in [
            format!("bot: {name}"),
            format!("/bot {name}"),
            format!("bot:{name}s"),
            format!("bot:{name} now please"),
        ] {
            assert_eq!(asked(&near), meant(command), "{near}");
        }
    }
    let implement = meant(Command::Start(IMPLEMENT_NAME));
    assert_eq!(asked("bot:implement-now"), implement);
    assert_eq!(asked("bot:implement - now"), implement);
    assert_eq!(asked("bot implement-it"), Asked::Nothing);
    assert_eq!(asked("bot ship the rest"), Asked::Nothing);
}

#[test]
fn only_what_a_provider_takes_is_read() {
    let late = format!("{}\n\nbot:implement", "a".repeat(COMMENT_LIMIT));
    all(Asked::Nothing, &[late.as_str()]);
}

/// What is repeated to make a parser slow. Each is a mebibyte, of which the first 65,536 characters are read.
#[test]
fn nothing_is_read_over_and_over_again() {
    for piece in [
        "<!",
        "<!--",
        "-->",
        "> ",
        ">",
        "- ",
        "1. ",
        "[",
        "![",
        "](",
        "`",
        "*a ",
        "**a *b ",
        "_a",
        "|",
        "|-",
        "<a ",
        "<a \"",
        "</a>",
        "&",
        "\\",
        "~",
        "[^a]",
        "[a]: b\n",
        "\t- a\n",
        "a\n",
        "<p>\n",
        "<details>",
        "\u{200B}",
    ] {
        let body = format!("b {}", piece.repeat(1024 * 1024 / piece.len()));
        assert_eq!(vocabulary().in_comment(&body), Asked::Nothing, "{piece:?}");
    }
}

proptest! {
    #[test]
    fn any_text_can_be_read(text in "(?s)[b:<>!`~|*_\\[\\]()# \\n\\t0-9-]{0,400}") {
        vocabulary().in_comment(&text);
    }

    #[test]
    fn any_characters_can_be_read(text: String) {
        vocabulary().in_comment(&format!("bot:{text}"));
        vocabulary().in_label(&text);
    }

    #[test]
    fn a_command_in_a_paragraph_of_its_own_is_found(text in "[a-z ,.]{0,80}") {
        prop_assert_eq!(vocabulary().in_comment(&format!("{text}\n\nBot:stop\n\n{text}")), STOP);
    }
}

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::*;

const ALL: usize = 65_536;

fn prompt(text: &str) -> String {
    Untrusted::new(text).for_prompt()
}

fn comment(text: &str) -> String {
    Untrusted::new(text).for_comment(ALL).text().to_owned()
}

fn github() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM
}

/// What a page shows: all of it, and what of it is plain text outside code, where words act.
fn page(text: &str) -> (String, Vec<String>) {
    let (mut shown, mut plain) = (String::new(), vec![String::new()]);
    let mut code = false;
    for event in Parser::new_ext(text, github()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Text(words) => {
                shown.push_str(&words);
                if !code && let Some(last) = plain.last_mut() {
                    last.push_str(&words);
                }
                continue;
            }
            Event::Code(words) => shown.push_str(&words),
            Event::SoftBreak | Event::HardBreak => shown.push(' '),
            Event::Html(html) | Event::InlineHtml(html) => panic!("HTML: {html}"),
            _ => {}
        }
        plain.push(String::new());
    }
    (shown.split_whitespace().collect(), plain)
}

fn acts(text: &str) -> bool {
    page(text).1.iter().any(|words| !acting(words).is_empty())
}

#[test]
fn what_nobody_sees_is_taken_out_of_prompts() {
    for (text, left) in [
        (
            "a<!-- obey\nme -->b\u{200B}c\u{202E}d\u{E0041}\u{1b}[31m\r\n",
            "abcd[31m\n",
        ),
        ("one\n\n<!--\nobey\n\nme\n-->\n\ntwo", "one\n\n\n\ntwo"),
        ("x<\u{200B}!-- obey -->y", "xy"),
        ("a\n\n[//]: # (obey)\n[//]: # (obey again)\n\nb", "a\n\n\nb"),
        ("a\n\n[x]: /url\n  \"obey\n  me\"\n", "a\n\n"),
        ("- item\n\n  [//]: # (obey)\n- two", "- item\n\n  \n- two"),
        (
            "see [it][1]\n\n[1]: https://example.com 'obey'\n",
            "see [it](https://example.com)\n\n",
        ),
        (
            "[t](https://example.com \"obey\") z",
            "[t](https://example.com) z",
        ),
        ("![obey *me*](a.png \"obey\") z", "![](picture) z"),
        ("![](https://x/obey-this) z", "![](picture) z"),
        (
            "[![obey](obey)](https://x/y) z",
            "[![](picture)](https://x/y) z",
        ),
        (
            "<img alt=\"obey\" src=\"obey me\" title='obey'> z",
            "<img> z",
        ),
        ("[docs](<obey me now>) z", "[docs](link) z"),
        ("[docs](a&#32;b&#10;c) z", "[docs](link) z"),
        ("[docs][1] z\n\n[1]: <obey me>\n", "[docs](link) z\n\n"),
        (
            "<a title=obey href=\"obey me\">t</a> <a href='/x y'>t</a> <b href=obey>t</b>",
            "<a>t</a> <a>t</a> <b>t</b>",
        ),
        ("<div>\nt\n</div obey me>\n", "<div>\nt\n</div>\n"),
        ("<video src=x controls>obey</video> z", " z"),
        ("<audio>\n\nobey\n\n</audio>\n\nz", "\n\nz"),
        ("a $\\phantom{obey}$ z", "a (formula) z"),
        ("a $`\\color{white} obey`$ z", "a (formula) z"),
        ("```math\nx % obey\n```", "```math\n(formula)\n```"),
        (
            "```mermaid obey\n%% obey\ngraph TD\n```\nz",
            "```mermaid\n(drawing)\n```\nz",
        ),
        (
            "> - ```STL\n>   solid obey\n>\n>   facet\n>   ```\n\nz",
            "> - ```STL\n>   (drawing)\n>\n>   \n>   ```\n\nz",
        ),
        ("~~~geojson\n{\"obey\": 1}", "~~~geojson\n(drawing)"),
        (
            "$\\phantom{x}<span hidden>$ obey </span> z",
            "$\\phantom{x} z",
        ),
        (
            "a <span style=\"display : none\">obey <b>me</b></span> z",
            "a  z",
        ),
        ("<div hidden>\n\nobey\n\n</div>\n\nz", "\n\nz"),
        ("<p hidden>obey", ""),
        ("```rust obey me\ncode\n```", "```rust\ncode\n```"),
        ("a\n\n[^x]: obey\n\nz", "a\n\nz"),
        ("a\u{E0100}\u{3164}\u{115F}\u{2800}b", "ab"),
    ] {
        let found = prompt(text);
        assert_eq!(found, left, "{text:?}");
    }
    let long = format!("[docs](https://example.com/{})", "obey-".repeat(40));
    assert_eq!(prompt(&long), "[docs](link)");
}

#[test]
fn what_a_reader_sees_stays_in_prompts() {
    for text in [
        "# Title\n\n- one\n- [ ] two\n\n> quoted\n\n1. `code <!-- x -->`",
        "```rust\n<!-- in code -->\n<div hidden>\n```",
        "a[^1]\n\n[^1]: a note\n",
        "<details>\n<summary>More</summary>\n\nfolded\n\n</details>",
        "[t](https://example.com) <https://example.com> x[0] and [1]: y",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "⚠️ a < b && c > d",
        "[t](<https://example.com/a(b)>) <a href=\"/x\">t</a> ![](picture)",
        "$\\frac{a}{b}$ costs $5 or 5% of $20, in `$\\phantom{x}$`",
        "```latex\n$\\phantom{x}$ % shown\n```\n\n```math\n\\frac{a}{b}\n```",
    ] {
        assert_eq!(prompt(text), text);
    }
    assert_eq!(
        Untrusted::new("+ <!-- a -->\u{202E}\r\n").for_prompt_verbatim(),
        "+ <!-- a -->\n"
    );
}

#[test]
fn code_and_headings_are_left_alone_in_comments() {
    for text in [
        "# Cause\n\nThe type is `Vec<Option<T>>`, as in C#:\n\n```cpp\n#include <vector>\nif (a < b) {} // see @Override #1\n```\n\nRun `npm i @types/node`.",
        "    @ada #1 <b>\n\ntext",
        "- a\n  ```\n  @ada\n  ```",
        "~~~\n```\n@ada\n~~~",
        "[link](https://example.com/a) **bold** a < b ada@example.com 5 > 3 & more",
        "| a | b |\n|---|---|\n| `x` | 2 |",
    ] {
        assert_eq!(comment(text), text);
    }
}

#[test]
fn nothing_in_a_comment_acts() {
    for (text, safe) in [
        ("@ada fixes #1", "`@ada` fixes `#1`"),
        ("&commat;ada &#64;ada @&#97;da", "`@ada` `@ada` `@ada`"),
        ("&num;1 &#35;1 \\#1 \\@ada", "`#1` `#1` `#1` `@ada`"),
        (
            "closes GH-1, octo/w#2 and #3",
            "closes `GH-1`, `octo/w#2` and `#3`",
        ),
        (
            "Resolves: https://github.com/o/r/issues/1.",
            "Resolves: `https://github.com/o/r/issues/1`.",
        ),
        (
            "<https://github.com/o/r/pull/1>",
            "`https://github.com/o/r/pull/1`",
        ),
        (
            "[x @ada](https://github.com/o/r/issues/1) z",
            "x `@ada` (`https://github.com/o/r/issues/1`) z",
        ),
        ("# @ada", "# `@ada`"),
        ("a ` b @ada", "a \\` b `@ada`"),
        ("\\`@ada", "\\``@ada`"),
        ("`x`@ada`y`", "`x` `@ada` `y`"),
        (
            "<img src=x> <b>@ada</b>",
            "&lt;img src=x> &lt;b>`@ada`&lt;/b>",
        ),
        (
            "<!-- switchyard:run=run_x -->",
            "&lt;!-- switchyard:run=run_x -->",
        ),
        ("<div>\n@ada\n</div>", "&lt;div>\n`@ada`\n&lt;/div>"),
        ("<? ` ?>\n`<b>` x", "&lt;? ` ?>\n`&lt;b>` x"),
    ] {
        let found = comment(text);
        assert!(!acts(&found), "{text:?} -> {found:?}");
        if text.starts_with("<? ") {
            continue;
        }
        assert_eq!(found, safe, "{text:?}");
    }
}

#[test]
fn what_is_left_open_is_ended() {
    let long = format!(
        "Log:\n\n````\n{}````\n",
        "a line of a long log\n".repeat(4_000)
    );
    let fitted = Untrusted::new(&long).for_comment(60_000);
    assert!(fitted.was_cut() && fitted.text().len() <= 60_005);
    for text in [
        fitted.text(),
        &comment("```\nopen"),
        &comment("~~~~ rust\n~~~\nopen"),
        &comment("   ```\nopen"),
        &comment("> ```\n> open"),
        &comment("- ```\n  open"),
        &comment("1. a\n\n   ```\n   open"),
        &comment("```\nclosed\n```"),
        &comment("    code"),
        &comment("> quote"),
        &comment("<div>\n<!-- open"),
        &comment("| a |\n|---|"),
        &comment("[^1]: note"),
    ] {
        let whole = format!("{text}\n\nours @ada");
        let (_, plain) = page(&whole);
        assert!(plain.iter().any(|words| words == "ours @ada"), "{whole:?}");
        let last = Parser::new_ext(&whole, github()).last();
        assert_eq!(last, Some(Event::End(TagEnd::Paragraph)), "{whole:?}");
    }
    assert!(!Untrusted::new("short").for_comment(100).was_cut());
}

#[test]
fn a_comment_fits_however_much_it_grows() {
    for piece in ["<b>", "@ada ", "`", "&lt;", "ä@a "] {
        let fitted = Untrusted::new(piece.repeat(30_000)).for_comment(60_000);
        assert!(
            fitted.text().len() <= 60_000,
            "{piece} {}",
            fitted.text().len()
        );
        assert!(fitted.was_cut(), "{piece}");
    }
}

#[test]
fn lines_are_one_line_and_do_nothing() {
    let line = |text: &str| Untrusted::new(text).for_line();
    assert_eq!(
        line("@ada fixes #1\n<img src=x> `a|b`"),
        "`@ada` fixes `#1` &lt;img src=x> `a|b`"
    );
    assert_eq!(line("# no\n\n- block"), "# no - block");
    assert_eq!(line("runs `cargo test"), "runs `cargo test");
    let code = |text: &str| Untrusted::new(text).for_code();
    assert_eq!(
        code(".github/workflows/ci.yml"),
        "`.github/workflows/ci.yml`"
    );
    assert_eq!(code("a`b``c"), "```a`b``c```");
    assert_eq!(code("`"), "`` ` ``");
    assert_eq!(code("\u{200B}\n"), "");
}

#[test]
fn titles_and_commits_have_no_invisible_signs_and_close_nothing() {
    let title = |text: &str| Untrusted::new(text).for_title();
    assert_eq!(
        title("Use @types/node in\u{200B} C# code"),
        "Use @types/node in C# code"
    );
    assert_eq!(
        title("Fixes #1 and GH-2, o/r#3"),
        "Fixes # 1 and GH 2, o/r# 3"
    );
    assert_eq!(
        title("Closes https://github.com/o/r/issues/1"),
        "Closes github.com/o/r/issues/1"
    );
    assert_eq!(title("Make Vec<T> | `Box<T>`"), "Make Vec<T> | `Box<T>`");
    assert_eq!(
        Untrusted::new("Ask @ada about #1").for_commit(),
        "Ask @ ada about # 1"
    );
}

#[test]
fn titles_and_commits_switch_no_checks_off() {
    for (text, safe) in [
        ("Fix it [skip ci]", "Fix it (skip ci)"),
        ("[CI Skip] Fix", "(CI Skip) Fix"),
        ("Fix [no ci] it", "Fix (no ci) it"),
        (
            "[skip actions][actions skip]",
            "(skip actions)(actions skip)",
        ),
        ("[[skip-ci]] [ ci_skip ]", "[(skip-ci)] ( ci_skip )"),
        ("[skip\u{200B} ci]", "(skip ci)"),
        ("[skip\nci]", "(skip ci)"),
        ("[skip netlify]", "(skip netlify)"),
        ("Fix ***NO_CI***", "Fix ***NO CI***"),
        ("*****no_ci***** it", "*****no ci***** it"),
        ("***NO_CI***NO_CI***", "***NO CI***NO_CI***"),
        ("Skip-Checks : true", "Skip Checks : true"),
        (
            "skip-checks:true skip-checks: true",
            "skip checks:true skip checks: true",
        ),
    ] {
        assert_eq!(Untrusted::new(text).for_title(), safe, "{text:?}");
        assert_eq!(Untrusted::new(text).for_commit(), safe, "{text:?}");
    }
    for text in [
        "Let [ci] skip a[0] and [skip] NO_CI",
        "Document skip-checks of [no name] and [skip all of them]",
        "] é[ ü]",
    ] {
        assert_eq!(Untrusted::new(text).for_title(), text);
        assert_eq!(Untrusted::new(text).for_commit(), text);
    }
}

/// What is repeated to make a parser slow, a mebibyte of each.
#[test]
fn nothing_is_read_over_and_over_again() {
    for piece in [
        "<!",
        "<!--",
        "<!---->",
        "-->",
        "> ",
        "- ",
        "1. ",
        "[",
        "![",
        "](",
        "`",
        "`` ` ",
        "*a ",
        "**a *b ",
        "|",
        "<a ",
        "<a \"",
        "</a>",
        "<b hidden>",
        "</b>",
        "&",
        "\\",
        "[^a]",
        "[^a]: b\n",
        "[a]: b\n",
        "a/",
        "@",
        "@a",
        "#1",
        "a#",
        "https://",
        "gh-",
        "a1",
        "[a](b \"c\")",
        "![a](b)",
        "\u{200B}",
        "$",
        "$ ",
        "$$x",
        "${",
        "$\\phantom{",
        "$x%",
        "$`%`$",
        "```math\n",
        "```mermaid\na\n```\n",
        "> ```stl\n> a\n",
    ] {
        let text = piece.repeat(1024 * 1024 / piece.len());
        let text = Untrusted::new(text.as_str());
        assert!(text.for_prompt().len() <= 2 * TEXT_LIMIT, "{piece}");
        assert!(text.for_comment(60_000).text().len() <= 60_010, "{piece}");
        assert!(
            text.for_title().len() <= 2 * LINE_LIMIT && text.for_line().len() <= 8 * LINE_LIMIT,
            "{piece}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_comment_shows_what_was_written_and_does_nothing(
        text in "([@#a1 \n`*_~>\\-|.(){}\\[\\]\\\\]|@ada|#12|GH-3|&num;4|&commat;b|https://h\\.io/o/r/pull/5|```\n|    |\\* ){0,24}"
    ) {
        let safe = comment(&text);
        prop_assert!(!acts(&safe), "{safe:?}");
        let (before, after) = (page(&text).0, page(&safe).0);
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        prop_assert!(letters(&after).contains(&letters(&before)) || letters(&after).len() >= letters(&before).len(),
            "{text:?} {safe:?} {before:?} {after:?}");
    }

    #[test]
    fn words_in_paragraphs_read_as_they_were_written(
        text in "([a-z,.:]{1,6}|@ada|#12|GH-3|o/r#7|`c @d`|\\*\\*b\\*\\*|https://h\\.io/o/r/pull/5| |\n){0,24}"
    ) {
        let safe = comment(&text);
        prop_assert!(!acts(&safe), "{safe:?}");
        prop_assert_eq!(page(&safe).0, page(&text).0, "{:?} {:?}", text, safe);
    }

    #[test]
    fn any_text_becomes_harmless(text in "(?s)([<>!/\\-a\"'=&;#@1`~\n\\[\\]:() ]|<!--|-->|<div>|</div>|.){0,60}") {
        let safe = comment(&text);
        prop_assert!(!acts(&safe), "{safe:?}");
        let line = format!("x {}", Untrusted::new(text.as_str()).for_line());
        prop_assert!(!acts(&line));
        Untrusted::new(text.as_str()).for_prompt();
    }
}

//! Formulas that can hold what nobody sees.

use std::ops::Range;

/// Commands by which something in a formula is not seen, covers something else, or becomes another command.
const HIDING: [&str; 35] = [
    "bbox",
    "clap",
    "class",
    "color",
    "colorbox",
    "cssId",
    "def",
    "definecolor",
    "fcolorbox",
    "hphantom",
    "href",
    "hspace",
    "kern",
    "label",
    "let",
    "llap",
    "lower",
    "mathclap",
    "mathllap",
    "mathrlap",
    "mathtip",
    "mspace",
    "newcommand",
    "newenvironment",
    "phantom",
    "raise",
    "renewcommand",
    "require",
    "rlap",
    "smash",
    "style",
    "textcolor",
    "texttip",
    "toggle",
    "vphantom",
];

/// Whether a formula can hold what nobody sees: such a command, or a comment.
pub(super) fn hides(formula: &str) -> bool {
    let bytes = formula.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => match command(formula, at) {
                (_, true) => return true,
                (end, false) => at = end,
            },
            b'%' => return true,
            _ => at += 1,
        }
    }
    false
}

/// Where the formulas of a text are that can hold what nobody sees; `code` says where its code is, in order. Where it is
/// not certain what belongs to one, more is taken for a part of it.
pub(super) fn formulas(text: &str, code: &[Range<usize>]) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut code = code.iter().peekable();
    let (mut found, mut open): (Vec<Range<usize>>, Option<Open>) = (Vec::new(), None);
    let mut at = 0;
    while at < bytes.len() {
        while code.next_if(|range| range.end <= at).is_some() {}
        if let Some(range) = code.peek()
            && range.contains(&at)
        {
            at = range.end;
            continue;
        }
        let start = at;
        at += 1;
        match bytes[start] {
            b'$' => {
                at += run(&bytes[at..], b"$");
                open = match open.take() {
                    Some(formula) if formula.goes_on() => Some(Open {
                        nests: true,
                        ..formula
                    }),
                    Some(formula) if formula.ends(bytes, &(start..at)) => {
                        found.push(formula.start..at);
                        None
                    }
                    _ => Some(Open::new(start, at)),
                };
            }
            b'\\' => {
                let (end, hides) = command(text, start);
                at = end;
                if let Some(formula) = open.as_mut().filter(|_| hides) {
                    formula.hides = true;
                }
            }
            b'\n' if is_end_of_block(&bytes[at..]) => {
                found.extend(open.take().and_then(|open| open.left_open(start)));
            }
            sign => {
                if let Some(formula) = &mut open {
                    formula.take(sign);
                }
            }
        }
    }
    found.extend(open.and_then(|open| open.left_open(text.len())));
    found
}

/// A formula that has begun.
struct Open {
    start: usize,
    /// Where its first sign is.
    inside: usize,
    /// How many braces are open.
    depth: usize,
    hides: bool,
    comments: bool,
    /// Whether it has dollar signs of its own.
    nests: bool,
}

impl Open {
    const fn new(start: usize, inside: usize) -> Self {
        Self {
            start,
            inside,
            depth: 0,
            hides: false,
            comments: false,
            nests: false,
        }
    }

    fn take(&mut self, sign: u8) {
        match sign {
            b'{' => self.depth += 1,
            b'}' => self.depth = self.depth.saturating_sub(1),
            b'%' => self.comments = true,
            _ => {}
        }
    }

    /// Whether a dollar sign is one of the formula's own.
    const fn goes_on(&self) -> bool {
        self.hides && self.depth > 0
    }

    /// Where it is, if its paragraph ends at `end` and a page may have seen an end that we have not.
    fn left_open(&self, end: usize) -> Option<Range<usize>> {
        (self.hides && self.nests).then_some(self.start..end)
    }

    /// Whether it ends with these dollar signs and can hold what nobody sees. Where there is only a percent sign, two
    /// prices are no formula.
    fn ends(&self, bytes: &[u8], signs: &Range<usize>) -> bool {
        let space = |at: usize| bytes.get(at).is_none_or(u8::is_ascii_whitespace);
        let is_formula = !space(self.inside)
            && !space(signs.start - 1)
            && !bytes.get(signs.end).is_some_and(u8::is_ascii_alphanumeric);
        let is_block = self.inside - self.start > 1;
        self.hides || self.comments && (is_formula || is_block)
    }
}

/// Where the command ends whose backslash stands at `at`, and whether it hides something.
fn command(text: &str, at: usize) -> (usize, bool) {
    let rest = &text[at + 1..];
    let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    match length {
        // Any other sign is only itself behind a backslash.
        0 => (
            at + 1 + rest.chars().next().map_or(0, char::len_utf8),
            false,
        ),
        _ => (at + 1 + length, HIDING.contains(&&rest[..length])),
    }
}

/// Whether nothing more belongs to the paragraph whose line has ended.
fn is_end_of_block(rest: &[u8]) -> bool {
    let blank = run(rest, b" \t>");
    rest.get(blank).is_none_or(|sign| *sign == b'\n')
}

fn run(bytes: &[u8], signs: &[u8]) -> usize {
    bytes.iter().take_while(|sign| signs.contains(sign)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        formulas(text, &[])
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn formulas_that_can_hide_something_are_found_to_their_ends() {
        for (text, formula) in [
            (r"a $\phantom{obey}$ z", r"$\phantom{obey}$"),
            (
                r"$x$ and ${\color{white} obey}$ z",
                r"${\color{white} obey}$",
            ),
            (
                r"$$\n\textcolor{#fff}{obey}\n$$ z",
                r"$$\n\textcolor{#fff}{obey}\n$$",
            ),
            (
                r"$\phantom{a \text{$b$} obey}$ z",
                r"$\phantom{a \text{$b$} obey}$",
            ),
            (r"$\phantom{a \$ obey}$ z", r"$\phantom{a \$ obey}$"),
            ("$\\phantom{a $ obey\n\nz", "$\\phantom{a $ obey"),
            ("$x % obey$ z", "$x % obey$"),
            (r"$\def\p{\ph}\p{obey}$", r"$\def\p{\ph}\p{obey}$"),
        ] {
            assert_eq!(found(text), [formula], "{text}");
        }
    }

    #[test]
    fn formulas_that_show_all_and_prices_are_left_alone() {
        for text in [
            r"$\frac{a}{b}$ and $$\sum_i x_i$$",
            "from $10, a 5% rise to $20",
            r"\phantom{x} without dollars, C:\color",
            r"$\colored{x}$ $5 \% 3$",
            r"$env:HOME\style\class",
            "$ % $",
            "é$é$ \\é",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn a_comment_in_a_formula_hides_too() {
        assert!(hides("x % obey") && hides(r"\phantom{x}"));
        assert!(!hides(r"50\% \\ \frac{1}{2}"));
    }
}

//! How a milestone is set: columns, wrapping and colours.

use anstyle::{AnsiColor, Style as Paint};
use jiff::SignedDuration;

use super::clean::clean;

/// How wide the view is, in columns. Only a link may be longer, as a broken one cannot be followed.
const WIDTH: usize = 80;
/// Where a milestone's name begins: behind the time and the sign.
const NAME_AT: usize = 12;
/// Where its details begin.
const DETAIL_AT: usize = 26;
/// The most columns of the names in a list.
const LABEL_LIMIT: usize = 14;

/// Whether the view is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// For a terminal.
    Colour,
    /// For a file or a pipe: no escape sequences at all.
    Plain,
}

impl Style {
    /// `text`, painted if this style paints.
    pub(super) fn paint(self, paint: Paint, text: &str) -> String {
        match self {
            Self::Colour => format!("{paint}{text}{paint:#}"),
            Self::Plain => text.to_owned(),
        }
    }
}

/// What is not important.
pub(super) const DIM: Paint = Paint::new().dimmed();
/// What is.
pub(super) const BOLD: Paint = Paint::new().bold();
/// What can be opened.
pub(super) const LINK: Paint = AnsiColor::Cyan.on_default();

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Somebody did something.
    Person,
    /// The system moved on.
    System,
    /// Work is going on.
    Work,
    /// Something ended well.
    Done,
    /// Something did not.
    Failed,
}

impl Sign {
    const fn mark(self) -> (&'static str, Paint) {
        match self {
            Self::Person => (">", AnsiColor::Magenta.on_default()),
            Self::System => ("•", AnsiColor::Blue.on_default()),
            Self::Work => ("·", DIM),
            Self::Done => ("✓", AnsiColor::Green.on_default().bold()),
            Self::Failed => ("✗", AnsiColor::Red.on_default().bold()),
        }
    }
}

/// One milestone as it is shown. Its texts need not be clean.
#[derive(Debug)]
pub(super) struct View {
    pub(super) sign: Sign,
    pub(super) name: String,
    pub(super) detail: String,
    /// Names and what there is to say about each.
    pub(super) list: Vec<(String, String)>,
    pub(super) link: Option<String>,
}

impl View {
    pub(super) fn new(sign: Sign, name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            sign,
            name: name.into(),
            detail: detail.into(),
            list: Vec::new(),
            link: None,
        }
    }

    pub(super) fn link(self, link: Option<&str>) -> Self {
        Self {
            link: link.map(str::to_owned),
            ..self
        }
    }

    pub(super) fn list(self, list: &[(String, String)]) -> Self {
        Self {
            list: list.to_vec(),
            ..self
        }
    }

    /// The lines of this view, each ended by a line feed.
    pub(super) fn text(&self, style: Style, elapsed: SignedDuration) -> String {
        let (sign, paint) = self.sign.mark();
        let name = clean(&self.name);
        let gap = " ".repeat(
            (DETAIL_AT - NAME_AT)
                .saturating_sub(name.chars().count())
                .max(1),
        );
        let mut text = format!(
            " {}  {} {}{gap}",
            style.paint(DIM, &clock(elapsed)),
            style.paint(paint, sign),
            style.paint(BOLD, &name),
        );
        for (index, line) in wrap(&clean(&self.detail), WIDTH - DETAIL_AT)
            .iter()
            .enumerate()
        {
            if index > 0 {
                text.push_str(&" ".repeat(DETAIL_AT));
            }
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(&self.list_text(style));
        if let Some(link) = &self.link {
            let link = style.paint(LINK, &clean(link));
            text.extend([" ".repeat(NAME_AT).as_str(), &link, "\n"]);
        }
        text
    }

    fn list_text(&self, style: Style) -> String {
        let list: Vec<_> = self
            .list
            .iter()
            .map(|(name, text)| (clean(name), clean(text)))
            .collect();
        let widest = list
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or_default();
        let column = widest.min(LABEL_LIMIT);
        let indent = " ".repeat(NAME_AT + column + 4);
        let mut text = String::new();
        for (name, what) in list {
            let lines = wrap(&what, WIDTH - indent.len()).join(&format!("\n{indent}"));
            let line = format!("{}- {name:<column$}  {lines}", " ".repeat(NAME_AT));
            for line in line.lines() {
                text.push_str(&style.paint(DIM, line.trim_end()));
                text.push('\n');
            }
        }
        text
    }
}

/// Minutes, seconds and tenths.
fn clock(elapsed: SignedDuration) -> String {
    let tenths = elapsed.as_millis().max(0) / 100;
    format!(
        "{:02}:{:02}.{}",
        tenths / 600,
        tenths / 10 % 60,
        tenths % 10
    )
}

/// Breaks `text` into lines of at most `width` characters, between words where that can be. There is always
/// one line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let mut letters: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + letters.len() <= width {
            used += 1;
            push(&mut lines, [' ']);
        } else if used > 0 {
            used = 0;
            lines.push(String::new());
        }
        while letters.len() > width {
            let rest = letters.split_off(width);
            push(&mut lines, letters);
            lines.push(String::new());
            letters = rest;
        }
        used += letters.len();
        push(&mut lines, letters);
    }
    lines
}

fn push(lines: &mut [String], letters: impl IntoIterator<Item = char>) {
    if let Some(line) = lines.last_mut() {
        line.extend(letters);
    }
}

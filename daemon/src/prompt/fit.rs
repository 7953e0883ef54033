//! Cutting what is too long in its middle.

use domain::{Excerpt, clip};
use serde::Serialize;

/// A text whose middle may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends<'a> {
    head: &'a str,
    left_out: usize,
    tail: &'a str,
}

impl<'a> Ends<'a> {
    /// As much of `text` as `limit` bytes hold, half of it from its beginning and half from its end.
    pub(crate) fn of(text: &'a str, limit: usize) -> Self {
        if text.len() <= limit {
            return Self {
                head: text,
                left_out: 0,
                tail: "",
            };
        }
        let head = clip(text, limit / 2);
        let mut start = text.len() - limit / 2;
        while !text.is_char_boundary(start) {
            start += 1;
        }
        Self {
            head,
            left_out: start - head.len(),
            tail: &text[start..],
        }
    }

    /// Both ends with what `note` says between them, if anything is missing.
    pub(crate) fn with(&self, note: impl Fn(usize) -> String) -> String {
        match self.left_out {
            0 => self.head.to_owned(),
            missing => format!("{}\n{}\n{}", self.head, note(missing), self.tail),
        }
    }

    /// The same of what `change` makes of each end, with what `note` says between them.
    pub(crate) fn changed(
        &self,
        change: impl Fn(&str) -> String,
        note: impl Fn(usize) -> String,
    ) -> String {
        let (head, tail) = (change(self.head), change(self.tail));
        let ends = Ends {
            head: &head,
            left_out: self.left_out,
            tail: &tail,
        };
        ends.with(note)
    }
}

/// An entry of a list, or how many are missing in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Piece<E> {
    /// An entry.
    Entry(E),
    /// So many are missing.
    LeftOut {
        /// How many.
        left_out: usize,
    },
}

/// What is made of an entry of a list, and how it counts.
#[derive(Debug)]
pub(crate) struct Made<E> {
    /// What is shown of it.
    pub(crate) entry: E,
    /// How many bytes it takes.
    pub(crate) length: usize,
}

enum Slot<E> {
    LeftOut,
    Nothing,
    Shown(E),
}

/// As many entries of `all` as `limit` bytes hold: those that `matters` says, the first one, and then the newest. `make`
/// says what is shown of an entry, if anything is; it is only asked while there is room, since it may take its time.
pub(crate) fn fit<'e, T, E>(
    all: &'e Excerpt<T>,
    limit: usize,
    matters: impl Fn(&T) -> bool,
    make: impl Fn(&'e T) -> Option<Made<E>>,
) -> Vec<Piece<E>> {
    let entries: Vec<&'e T> = all.beginning().iter().chain(all.newest()).collect();
    let mut slots: Vec<Slot<E>> = entries.iter().map(|_| Slot::LeftOut).collect();
    let mut room = limit;
    let mut show = |index: usize, slots: &mut Vec<Slot<E>>| -> Took {
        match slots[index] {
            Slot::Shown(_) => return Took::Shown,
            Slot::Nothing => return Took::Nothing,
            Slot::LeftOut => {}
        }
        let Some(Made { entry, length }) = make(entries[index]) else {
            slots[index] = Slot::Nothing;
            return Took::Nothing;
        };
        let Some(rest) = room.checked_sub(length) else {
            return Took::NoRoom;
        };
        room = rest;
        slots[index] = Slot::Shown(entry);
        Took::Shown
    };
    for index in (0..entries.len()).filter(|index| matters(entries[*index])) {
        show(index, &mut slots);
    }
    let _first = (0..entries.len()).find(|index| show(*index, &mut slots) != Took::Nothing);
    let _full = (0..entries.len())
        .rev()
        .find(|index| show(*index, &mut slots) == Took::NoRoom);
    pieces(slots, all)
}

#[derive(PartialEq, Eq)]
enum Took {
    Shown,
    Nothing,
    NoRoom,
}

fn pieces<T, E>(slots: Vec<Slot<E>>, all: &Excerpt<T>) -> Vec<Piece<E>> {
    let unread = all.beginning().len();
    let mut pieces = Vec::new();
    let mut missing = 0;
    for (index, slot) in slots.into_iter().enumerate() {
        if index == unread {
            missing += all.left_out();
        }
        match slot {
            Slot::LeftOut => missing += 1,
            Slot::Nothing => {}
            Slot::Shown(entry) => {
                if missing > 0 {
                    pieces.push(Piece::LeftOut { left_out: missing });
                }
                missing = 0;
                pieces.push(Piece::Entry(entry));
            }
        }
    }
    if all.newest().is_empty() {
        missing += all.left_out();
    }
    if missing > 0 {
        pieces.push(Piece::LeftOut { left_out: missing });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(bytes: usize) -> String {
        format!("({bytes})")
    }

    #[test]
    fn a_text_loses_its_middle_between_characters() {
        assert_eq!(Ends::of("short", 5).with(note), "short");
        assert_eq!(Ends::of("0123456789", 4).with(note), "01\n(6)\n89");
        assert_eq!(Ends::of("€€€€", 8).with(note), "€\n(6)\n€");
        let upper = |text: &str| text.to_uppercase();
        assert_eq!(Ends::of("abcdef", 2).changed(upper, note), "A\n(4)\nF");
    }

    fn left<E>(left_out: usize) -> Piece<E> {
        Piece::LeftOut { left_out }
    }

    /// Entries of so many bytes; those of none are nothing, and 5 matters.
    fn kept(all: &Excerpt<usize>, limit: usize) -> Vec<Piece<usize>> {
        let make = |entry: &usize| {
            (*entry > 0).then_some(Made {
                entry: *entry,
                length: *entry,
            })
        };
        fit(all, limit, |entry| *entry == 5, make)
    }

    #[test]
    fn of_a_list_the_first_what_matters_and_the_newest_stay() {
        use Piece::Entry;
        let all = Excerpt::whole(vec![1, 2, 5, 2, 3, 4]);
        assert_eq!(kept(&all, 17).len(), 6);
        assert_eq!(
            kept(&all, 13),
            [Entry(1), left(1), Entry(5), left(1), Entry(3), Entry(4)]
        );
        assert_eq!(kept(&all, 6), [Entry(1), left(1), Entry(5), left(3)]);
        assert_eq!(
            kept(&Excerpt::whole(vec![0, 0, 1, 0, 2]), 9),
            [Entry(1), Entry(2)]
        );
        assert!(kept(&Excerpt::whole(Vec::new()), 9).is_empty());
    }

    #[test]
    fn of_what_is_nothing_nobody_asks_twice() {
        let asked = std::cell::Cell::new(0);
        let make = |_: &usize| {
            asked.set(asked.get() + 1);
            None::<Made<usize>>
        };
        let all = Excerpt::new(vec![5; 100], 3, vec![1; 200]);
        assert_eq!(fit(&all, 9, |entry| *entry == 5, make), [left(3)]);
        assert_eq!(asked.get(), 300);
    }

    #[test]
    fn what_nobody_read_is_counted_where_it_was() {
        use Piece::Entry;
        let all = Excerpt::new(vec![1, 2], 100, vec![3, 4]);
        assert_eq!(
            kept(&all, 99),
            [Entry(1), Entry(2), left(100), Entry(3), Entry(4)]
        );
        assert_eq!(kept(&all, 5), [Entry(1), left(102), Entry(4)]);
    }
}

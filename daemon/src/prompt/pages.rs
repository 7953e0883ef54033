//! Texts as a page shows them.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use domain::Untrusted;

/// Texts as a reader of the page sees them. To find that out takes its time, so it is done once for each text, however
/// often the text is told.
pub(crate) struct Pages<'a> {
    shows: &'a dyn Fn(&str) -> String,
    shown: RefCell<HashMap<&'a str, Rc<str>>>,
}

impl<'a> Pages<'a> {
    /// No text has been read yet; `shows` says what a page shows of one.
    pub(super) fn new(shows: &'a dyn Fn(&str) -> String) -> Self {
        Self {
            shows,
            shown: RefCell::default(),
        }
    }

    /// What a page shows of `text`, without what is empty around it.
    pub(super) fn of(&self, text: &'a str) -> Rc<str> {
        let mut shown = self.shown.borrow_mut();
        let read = || (self.shows)(text).trim().into();
        shown.entry(text).or_insert_with(read).clone()
    }
}

impl Default for Pages<'_> {
    fn default() -> Self {
        Self::new(&|text: &str| Untrusted::new(text).for_prompt())
    }
}

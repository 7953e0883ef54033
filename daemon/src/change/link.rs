//! Where links lead, by what the change itself holds: nothing else on this machine decides.

use std::collections::{BTreeMap, VecDeque};

use super::{Name, name::is_git_folder};

/// How many links one way may go over, as many as systems follow.
const LINKS_LIMIT: usize = 40;
/// The most bytes of a link's target that a system follows.
const TARGET_LIMIT: usize = 4096;

/// The links of one tree, with their targets as they stand there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links(BTreeMap<Name, Vec<u8>>);

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Leads {
    /// To some place in the repository, whether anything is there or not.
    Inside,
    /// Out of the repository, into git's own folder, or in a circle; with the links on the way.
    Astray(Vec<Name>),
}

impl Links {
    /// Notes a link at `name` to `target`.
    pub(crate) fn insert(&mut self, name: Name, target: &[u8]) {
        self.0.insert(name, target.to_owned());
    }

    /// Which of the `changed` names must be left out, so that no link leads out that did not in `before`.
    pub(crate) fn astray(&self, before: &Self, changed: &[Name]) -> Vec<Name> {
        let mut found = Vec::new();
        for name in self.0.keys() {
            let Leads::Astray(over) = self.leads(name) else {
                continue;
            };
            if changed.contains(name) {
                found.push(name.clone());
            } else if before.leads(name) == Leads::Inside {
                found.extend(over.into_iter().filter(|link| changed.contains(link)));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Follows `name` part by part, and every link on the way.
    fn leads(&self, name: &Name) -> Leads {
        let mut rest: VecDeque<Vec<u8>> = name.parts().map(<[u8]>::to_vec).collect();
        let mut here: Vec<Vec<u8>> = Vec::new();
        let mut over = Vec::new();
        while let Some(part) = rest.pop_front() {
            match part.as_slice() {
                b"" | b"." => continue,
                b".." => {
                    if here.pop().is_none() {
                        return Leads::Astray(over);
                    }
                    continue;
                }
                _ if is_git_folder(&part) => return Leads::Astray(over),
                _ => here.push(part),
            }
            let at = Name::from(here.join(&b'/').as_slice());
            if let Some(target) = self.0.get(&at) {
                over.push(at);
                let endless = over.len() > LINKS_LIMIT || target.len() > TARGET_LIMIT;
                if endless || target.is_empty() || target.starts_with(b"/") {
                    return Leads::Astray(over);
                }
                here.pop();
                for part in target.rsplit(|byte| *byte == b'/') {
                    rest.push_front(part.to_vec());
                }
            }
        }
        Leads::Inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(links: &[(&str, &str)]) -> Links {
        let mut tree = Links::default();
        for (name, target) in links {
            tree.insert((*name).into(), target.as_bytes());
        }
        tree
    }

    fn refused(before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<String> {
        let changed: Vec<Name> = after
            .iter()
            .filter(|link| !before.contains(link))
            .map(|(name, _)| (*name).into())
            .collect();
        let astray = tree(after).astray(&tree(before), &changed);
        astray.iter().map(Name::to_string).collect()
    }

    #[test]
    fn links_are_followed_through_links() {
        for (link, target, inside) in [
            ("a", "b", true),
            ("a/b", "../c", true),
            ("a/b", "../../c", false),
            ("a", "/etc/passwd", false),
            ("a", "..", false),
            ("a/b", "./x/../../y", true),
            ("a", ".git/config", false),
            ("a", "b/.GIT./config", false),
            ("a", "a", false),
            ("a", "", false),
        ] {
            let expected: &[&str] = if inside { &[] } else { &[link] };
            assert_eq!(
                refused(&[], &[(link, target)]),
                expected,
                "{link} -> {target}"
            );
        }
        let over_another = [("s/t/l", "../.."), ("p", "s/t/l/../../../etc/passwd")];
        assert_eq!(refused(&[], &over_another), ["p"]);
        assert_eq!(refused(&over_another[..1], &over_another), ["p"]);
    }

    #[test]
    fn a_link_that_leads_an_older_one_astray_is_refused() {
        let before = [("q", "d/../x")];
        let after = [("q", "d/../x"), ("d", "deep/..")];
        assert_eq!(refused(&before, &after), ["d"]);
        // What led out before is nobody's doing now.
        assert_eq!(
            refused(&[("out", "/x")], &[("out", "/x"), ("n", "m")]),
            [""; 0]
        );
    }

    #[test]
    fn names_are_bytes() {
        let mut made = Links::default();
        let name = Name::from(&b"l\xe9nk"[..]);
        made.insert(name.clone(), b"README.md");
        assert_eq!(made.astray(&Links::default(), &[name]), []);
    }
}

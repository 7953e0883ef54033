//! From the files that an agent left to a tree.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
};

use secrecy::SecretString;

use super::{
    Base, ChangeError, Fresh, Git, GitError, Verdict,
    attributes::Filter,
    lfs, moved,
    tree::{Entry, Index},
    untouched,
};
use crate::change::{self, FILES_LIMIT, KEPT_LIMIT, Name, Refusal, Status};

/// The steps from files to a tree. Attributes and ignored files are git's own business, but whatever runs a program
/// (filters, hooks) is unknown to this repository, and so never happens.
pub(super) struct Taking<'a> {
    /// The git program.
    pub(super) git: &'a Git,
    /// Where the tree goes.
    pub(super) fresh: &'a Fresh,
    /// What it is a change of.
    pub(super) base: &'a Base,
    /// Where the files are.
    pub(super) checkout: &'a Path,
}

/// What became of a change's files.
pub(super) struct Made {
    /// The tree.
    pub(super) tree: String,
    /// What is not in it although it was changed.
    pub(super) left_out: Vec<Refusal>,
    /// Why it is too much to be proposed.
    pub(super) excess: Option<Refusal>,
}

impl<'a> Taking<'a> {
    /// Makes a tree of what the files have become.
    pub(super) async fn tree(&self, secrets: &[SecretString]) -> Result<Made, ChangeError> {
        let raw = self.index("raw");
        raw.reset().await?;
        let mut touched = self.touched(&raw).await?;
        let mut refusals = self.repositories(&raw, &mut touched).await?;
        if touched.len() > KEPT_LIMIT {
            return Err(ChangeError::Refused(vec![Refusal::TooMany(touched.len())]));
        }
        let excess = (touched.len() > FILES_LIMIT).then_some(Refusal::TooMany(touched.len()));
        let mut names = Vec::new();
        for status in &touched {
            match change::refusal(status, self.checkout) {
                Some(refusal) => refusals.push(refusal),
                None => names.push(status.path.clone()),
            }
        }
        let mut entries = self.entries(&names, &mut refusals).await?;
        refusals.extend(passed_over(&touched, &entries, &refusals));
        moved::keep(&raw, self.checkout, &mut entries, &refusals).await?;
        self.filtered(&raw, &mut entries, &mut refusals).await?;
        let made = self.settle(entries, refusals, secrets).await?;
        Ok(Made {
            excess: excess.or(made.excess),
            ..made
        })
    }

    /// Makes a tree of what may be changed of `entries`. Whatever is left out may mean that more has to be, so this goes
    /// on until nothing is found any more.
    pub(super) async fn settle(
        &self,
        mut entries: Vec<Entry>,
        mut refusals: Vec<Refusal>,
        secrets: &[SecretString],
    ) -> Result<Made, ChangeError> {
        let index = self.index("taken");
        loop {
            self.links(&mut entries, &mut refusals).await?;
            keep_folders(&mut entries, &refusals);
            if entries.is_empty() && refusals.is_empty() {
                return Err(ChangeError::Nothing);
            }
            if entries.is_empty() {
                return Err(ChangeError::Refused(refusals));
            }
            index.reset().await?;
            index.set(&entries).await?;
            let (mut refused, excess) = contents(&index, secrets).await?;
            let there = entries.iter().filter(|entry| !entry.is_removal());
            if !refused.is_empty() {
                // What the base holds already is known to anybody who may read it, whatever it is called.
                let held = index.held().await?;
                let is_held = |one: &Entry| held.contains(&one.object);
                let known = entries.iter().filter(|entry| is_held(entry));
                let known: Vec<&Name> = known.map(|entry| &entry.path).collect();
                refused.retain(|one| !one.path().is_some_and(|path| known.contains(&path)));
            }
            refused.extend(change::names(there.map(|entry| &entry.path), secrets));
            if refused.is_empty() {
                return Ok(Made {
                    tree: index.write().await?,
                    left_out: refusals,
                    excess,
                });
            }
            let before = entries.len();
            moved::take_out(&mut entries, |path| {
                refused.iter().any(|one| one.path() == Some(path))
            });
            if entries.len() == before {
                return Err(ChangeError::Refused(refused));
            }
            refusals.extend(refused);
        }
    }

    /// An index over the files.
    pub(super) fn index(&self, name: &str) -> Index<'a> {
        let (git, fresh, base) = (self.git, self.fresh, &self.base.commit);
        Index::open(git, fresh, self.checkout, name, base)
    }

    /// The files that are neither what the base holds nor what a checkout of it makes of them.
    async fn touched(&self, raw: &Index<'_>) -> Result<Vec<Status>, GitError> {
        let status = [
            "status",
            "--porcelain=v2",
            "-z",
            "-uall",
            "--no-renames",
            "--ignore-submodules=none",
        ];
        let mut found = Status::parse(&raw.plain(&status).await?.run().await?);
        let same = untouched::find(self.git, raw, self.checkout, &found).await?;
        found.retain(|status| !same.contains(&status.path));
        Ok(found)
    }

    /// What the files at `names` become in git, with encodings and keywords as the attributes say that the base holds.
    /// So are line ends, unless the file's own are against them there: then they stay as they are, or else every line
    /// would change.
    async fn entries(
        &self,
        names: &[Name],
        refusals: &mut Vec<Refusal>,
    ) -> Result<Vec<Entry>, GitError> {
        let (kept, clean) = (self.index("kept"), self.index("clean"));
        kept.reset().await?;
        clean.reset().await?;
        let encoded: HashSet<Name> = clean.encoded(names).await?.into_iter().collect();
        let usual: Vec<Name> = names
            .iter()
            .filter(|name| !encoded.contains(name))
            .cloned()
            .collect();
        kept.add_with_line_ends(&usual).await?;
        clean.add(&usual).await?;
        for name in encoded {
            let one = std::slice::from_ref(&name);
            let added = match clean.add(one).await {
                Ok(()) => kept.add_with_line_ends(one).await,
                failed => failed,
            };
            match added {
                // Git ends altogether at a file that is not in the encoding it should have.
                Err(error) if is_about_the_file(&error) => refusals.push(Refusal::Unreadable(name)),
                added => added?,
            }
        }
        let cleaned = clean.changes().await?.into_iter();
        let cleaned: HashMap<Name, Entry> =
            cleaned.map(|entry| (entry.path.clone(), entry)).collect();
        let mut entries = Vec::new();
        for entry in kept.changes().await? {
            match cleaned.get(&entry.path) {
                Some(same) if same.object == entry.object => entries.push(entry),
                _ if kept.has_returns(&entry.before).await? => entries.push(entry),
                Some(other) => entries.push(other.clone()),
                None => {}
            }
        }
        Ok(entries)
    }

    /// Takes what lies in other repositories out of `touched`, and says which these are.
    async fn repositories(
        &self,
        index: &Index<'_>,
        touched: &mut Vec<Status>,
    ) -> Result<Vec<Refusal>, GitError> {
        let mut found = change::bare(touched, self.checkout);
        touched.retain(|status| !found.iter().any(|folder| status.path.is_in(folder)));
        // They are never fetched, so whatever is in one was put there; git does not look.
        for name in index.submodules().await? {
            let filled = fs::read_dir(name.below(self.checkout))
                .is_ok_and(|mut inside| inside.next().is_some());
            if filled && !touched.iter().any(|status| status.path == name) {
                found.push(name);
            }
        }
        Ok(found.into_iter().map(Refusal::Nested).collect())
    }

    /// Takes out what git should hold in another form than here. What it holds already has that form.
    async fn filtered(
        &self,
        index: &Index<'_>,
        entries: &mut Vec<Entry>,
        refusals: &mut Vec<Refusal>,
    ) -> Result<(), GitError> {
        let files = entries.iter().filter(|entry| entry.is_file());
        let names: Vec<Name> = files.map(|entry| entry.path.clone()).collect();
        let filters = index.filters(&names).await?;
        if filters.is_empty() {
            return Ok(());
        }
        let held = index.held().await?;
        let known = entries.iter().filter(|entry| held.contains(&entry.object));
        let known: HashSet<Name> = known.map(|entry| entry.path.clone()).collect();
        for (name, filter) in filters {
            let is_pointer = || {
                fs::read(name.below(self.checkout))
                    .is_ok_and(|bytes| lfs::Pointer::read(&bytes).is_some())
            };
            if known.contains(&name) || filter == Filter::Lfs && is_pointer() {
                continue;
            }
            moved::take_out(entries, |path| *path == name);
            refusals.push(match filter {
                Filter::Lfs => Refusal::Stored(name),
                Filter::Other => Refusal::Filtered(name),
            });
        }
        Ok(())
    }

    /// Takes out the links that lead out of the repository, or have others lead there.
    async fn links(
        &self,
        entries: &mut Vec<Entry>,
        refusals: &mut Vec<Refusal>,
    ) -> Result<(), GitError> {
        let index = self.index("taken");
        index.reset().await?;
        let before = index.links().await?;
        loop {
            index.reset().await?;
            index.set(entries).await?;
            let changed: Vec<Name> = entries.iter().map(|entry| entry.path.clone()).collect();
            let astray = index.links().await?.astray(&before, &changed);
            if astray.is_empty() {
                return Ok(());
            }
            moved::take_out(entries, |path| astray.contains(path));
            refusals.extend(astray.into_iter().map(Refusal::Link));
        }
    }
}

/// Whether git said no, and not this machine.
fn is_about_the_file(error: &GitError) -> bool {
    matches!(error, GitError::Failed { .. }) && error.verdict() != Verdict::NoRoom
}

/// The new files and links that git passed over without a failure, since somewhere their names would steer it.
fn passed_over(touched: &[Status], entries: &[Entry], refusals: &[Refusal]) -> Vec<Refusal> {
    let told: HashSet<&Name> = entries
        .iter()
        .map(|entry| &entry.path)
        .chain(refusals.iter().filter_map(Refusal::path))
        .collect();
    let new = touched.iter().filter(|status| status.is_new());
    new.filter(|status| !told.contains(&status.path))
        .map(|status| Refusal::Protected(status.path.clone()))
        .collect()
}

/// Which lines are refused, and whether there are too many of them.
async fn contents(
    index: &Index<'_>,
    secrets: &[SecretString],
) -> Result<(Vec<Refusal>, Option<Refusal>), ChangeError> {
    let patch = match index.patch().await {
        // What cannot be looked through is not kept either.
        Err(GitError::TooMuch) => return Err(ChangeError::Refused(vec![Refusal::TooLong])),
        patch => patch?,
    };
    let found = change::contents(&patch, secrets);
    let (refused, excess): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|one| one.path().is_some());
    Ok((refused, excess.into_iter().next()))
}

/// Where a folder's place was taken by what is left out, the folder stays.
fn keep_folders(entries: &mut Vec<Entry>, refusals: &[Refusal]) {
    let left_out: Vec<&Name> = refusals.iter().filter_map(Refusal::path).collect();
    entries
        .retain(|entry| !entry.is_removal() || !left_out.iter().any(|out| entry.path.is_in(out)));
}

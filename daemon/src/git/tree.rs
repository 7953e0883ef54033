//! An index of a fresh repository: what is in the base, and what is put over it.

use std::{
    collections::HashSet,
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::{
    Fresh, Git, GitError,
    program::{Call, Input},
};
use crate::change::{Links, Name};

const FILE: &str = "100";
const LINK: &str = "120000";
const SUBMODULE: &str = "160000";
const NOTHING: &str = "000000";

/// What becomes of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where.
    pub(crate) path: Name,
    /// The name of what the base holds there; zeros for nothing.
    pub(crate) before: String,
    /// The kind of file, as git's octal mode; zeros for none.
    mode: String,
    /// The name of its content.
    pub(crate) object: String,
}

impl Entry {
    /// Whether nothing is there any more.
    pub(crate) fn is_removal(&self) -> bool {
        self.mode == NOTHING
    }

    /// Whether it is a plain file.
    pub(crate) fn is_file(&self) -> bool {
        self.mode.starts_with(FILE)
    }

    // `diff-index --raw -z`: `:mode mode name name status`, then the path, each ended by a zero byte.
    fn parse(raw: &[u8]) -> Vec<Self> {
        let mut fields = raw.split(|byte| *byte == 0);
        let mut entries = Vec::new();
        while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
            let head = String::from_utf8_lossy(head);
            let mut words = head.trim_start_matches(':').split(' ').skip(1);
            let mut word = || words.next().unwrap_or_default().to_owned();
            let (mode, before, object) = (word(), word(), word());
            entries.push(Self {
                path: path.into(),
                before,
                mode,
                object,
            });
        }
        entries
    }

    fn line(&self) -> Vec<u8> {
        let head = format!("{} {}\t", self.mode, self.object);
        [head.as_bytes(), self.path.bytes(), b"\0"].concat()
    }
}

/// One index.
pub(crate) struct Index<'a> {
    git: &'a Git,
    fresh: &'a Fresh,
    checkout: &'a Path,
    file: PathBuf,
    base: &'a str,
}

impl<'a> Index<'a> {
    /// The index called `name`, over the files in `checkout`.
    pub(crate) fn open(
        git: &'a Git,
        fresh: &'a Fresh,
        checkout: &'a Path,
        name: &str,
        base: &'a str,
    ) -> Self {
        Self {
            git,
            fresh,
            checkout,
            file: fresh.path().join(format!("index-{name}")),
            base,
        }
    }

    /// A call with the attributes that the base holds, whatever the agent made of them.
    pub(crate) fn call(&self, arguments: &[&str]) -> Call<'a> {
        self.fresh
            .on(self.git, self.checkout, arguments)
            .variable("GIT_INDEX_FILE", &self.file)
            .variable("GIT_ATTR_SOURCE", self.base)
    }

    /// A call that knows no attributes, so that bytes are taken as they are.
    pub(crate) async fn plain(&self, arguments: &[&str]) -> Result<Call<'a>, GitError> {
        let empty = ["hash-object", "-w", "-t", "tree", "/dev/null"];
        let empty = self.fresh.call(self.git, self.git.home(), &empty);
        let empty = empty.line().await?;
        Ok(self.call(arguments).variable("GIT_ATTR_SOURCE", empty))
    }

    /// The folder of its repository.
    pub(crate) fn repository(&self) -> &Path {
        self.fresh.path()
    }

    /// Puts what the base holds into it.
    pub(crate) async fn reset(&self) -> Result<(), GitError> {
        self.call(&["read-tree", self.base]).run().await.map(drop)
    }

    /// Puts what `commit` holds into it.
    pub(crate) async fn load(&self, commit: &str) -> Result<(), GitError> {
        self.call(&["read-tree", commit]).run().await.map(drop)
    }

    /// Takes the files at `names` as the attributes say.
    pub(crate) async fn add(&self, names: &[Name]) -> Result<(), GitError> {
        let call = self.call(&ADD).input(listed(names));
        call.run().await.map(drop)
    }

    /// Puts `entries` over what is there.
    pub(crate) async fn set(&self, entries: &[Entry]) -> Result<(), GitError> {
        // What takes a folder's place comes after the files of the folder have gone.
        let (gone, there): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.is_removal());
        let lines = gone.into_iter().chain(there).flat_map(Entry::line);
        let call = self.call(&["update-index", "-z", "--index-info"]);
        let call = call.input(Input::Bytes(lines.collect()));
        call.run().await.map(drop)
    }

    /// Writes the files at `names` below `folder` as a checkout makes them.
    pub(crate) async fn check_out(&self, names: &[Name], folder: &Path) -> Result<(), GitError> {
        let mut prefix = OsString::from("--prefix=");
        prefix.push(folder);
        prefix.push("/");
        let call = self.call(&["checkout-index", "--quiet", "-z", "--stdin"]);
        let call = call.argument(&prefix).input(listed(names));
        call.run().await.map(drop)
    }

    /// What is not as in the base.
    pub(crate) async fn changes(&self) -> Result<Vec<Entry>, GitError> {
        let raw = [
            "diff-index",
            "--cached",
            "--raw",
            "-z",
            "--no-renames",
            "--no-abbrev",
            self.base,
        ];
        Ok(Entry::parse(&self.call(&raw).run().await?))
    }

    /// The same as a patch of text without context. What was moved is no new text.
    pub(crate) async fn patch(&self) -> Result<Vec<u8>, GitError> {
        let patch = [
            "diff-index",
            "--cached",
            "--patch",
            "--unified=0",
            "--text",
            "--find-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            self.base,
        ];
        self.call(&patch).run().await
    }

    /// Writes it as a tree.
    pub(crate) async fn write(&self) -> Result<String, GitError> {
        self.call(&["write-tree"]).line().await
    }

    /// Whether the content called `object` has lines that end in the way of Windows.
    pub(crate) async fn has_returns(&self, object: &str) -> Result<bool, GitError> {
        if object.bytes().all(|byte| byte == b'0') {
            return Ok(false);
        }
        let content = self.call(&["cat-file", "blob", object]).run().await?;
        Ok(content.windows(2).any(|pair| pair == b"\r\n"))
    }

    /// The names of all contents that the base holds.
    pub(crate) async fn held(&self) -> Result<HashSet<String>, GitError> {
        let list = ["ls-tree", "-r", "--format=%(objectname)", self.base];
        let listed = self.call(&list).run().await?;
        let listed = String::from_utf8_lossy(&listed);
        Ok(listed.lines().map(str::to_owned).collect())
    }

    /// Where the base has other repositories, of which it holds only a commit's name.
    pub(crate) async fn submodules(&self) -> Result<Vec<Name>, GitError> {
        let list = ["ls-tree", "-r", "-z", "--format=%(objectmode)%(path)"];
        let listed = self.call(&[&list[..], &[self.base]].concat()).run().await?;
        let lines = listed.split(|byte| *byte == 0);
        let found = lines.filter_map(|line| line.strip_prefix(SUBMODULE.as_bytes()));
        Ok(found.map(Name::from).collect())
    }

    /// The links in it, with where they lead.
    pub(crate) async fn links(&self) -> Result<Links, GitError> {
        let listed = self.call(&["ls-files", "--stage", "-z"]).run().await?;
        let mut links: Vec<(Name, &[u8])> = Vec::new();
        // `mode object stage<TAB>path`
        for line in listed.split(|byte| *byte == 0) {
            let Some(tab) = line.iter().position(|byte| *byte == b'\t') else {
                continue;
            };
            let mut head = line[..tab].split(|byte| *byte == b' ');
            if let (Some(mode), Some(object)) = (head.next(), head.next())
                && mode == LINK.as_bytes()
            {
                links.push((line[tab + 1..].into(), object));
            }
        }
        let asked = links
            .iter()
            .flat_map(|(_, object)| [object, &b"\n"[..]].concat());
        let asked = Input::Bytes(asked.collect());
        let read = self
            .call(&["cat-file", "--batch"])
            .input(asked)
            .run()
            .await?;
        let mut found = Links::default();
        for ((name, _), target) in links.into_iter().zip(Contents(&read)) {
            found.insert(name, target);
        }
        Ok(found)
    }
}

const ADD: [&str; 6] = [
    "update-index",
    "--add",
    "--remove",
    "--replace",
    "-z",
    "--stdin",
];

/// `names`, each ended by a zero byte.
pub(super) fn listed(names: &[Name]) -> Input {
    let names = names.iter().flat_map(|name| [name.bytes(), b"\0"].concat());
    Input::Bytes(names.collect())
}

/// The contents in an answer of `cat-file --batch`: `object type size`, a line's end, the content, a line's end.
struct Contents<'a>(&'a [u8]);

impl<'a> Iterator for Contents<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == b'\n')?;
        let head = String::from_utf8_lossy(&self.0[..end]);
        let size: usize = head.rsplit(' ').next()?.parse().ok()?;
        let content = self.0.get(end + 1..end + 1 + size)?;
        self.0 = self.0.get(end + 2 + size..).unwrap_or_default();
        Some(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_answers_is_read_as_bytes() {
        let raw = b":100644 100755 aa bb M\0src/a b.rs\0:100644 000000 cc 00 D\0l\xe9nk\0";
        let entries = Entry::parse(raw);
        assert_eq!(entries.len(), 2);
        assert!(entries[0].is_file() && entries[1].is_removal());
        assert_eq!(entries[1].path, Name::from(&b"l\xe9nk"[..]));
        assert_eq!(entries[0].line(), b"100755 bb\tsrc/a b.rs\0");
        let batch = b"aa blob 3\na\nb\nbb blob 0\n\ncc blob 1\nx\n";
        let contents: Vec<&[u8]> = Contents(batch).collect();
        assert_eq!(contents, [&b"a\nb"[..], b"", b"x"]);
    }
}

//! What the attributes that the base holds say of files.

use std::fs;

use super::{
    GitError,
    tree::{Index, listed},
};
use crate::change::Name;

/// Who keeps a file's content in another form in git than it has in a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Git LFS, which puts a pointer in its place.
    Lfs,
    /// Another program, such as one that encrypts. It never runs here.
    Other,
}

impl Index<'_> {
    /// Takes the files at `names` as the attributes say, save that line ends stay as they are.
    pub(crate) async fn add_with_line_ends(&self, names: &[Name]) -> Result<(), GitError> {
        // What a repository has here goes over the attributes of every tree.
        let over = self.repository().join("info/attributes");
        if let Some(folder) = over.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&over, "* -text\n")?;
        let added = self.add(names).await;
        fs::remove_file(&over)?;
        added
    }

    /// Those of `names` that go through a filter.
    pub(crate) async fn filters(&self, names: &[Name]) -> Result<Vec<(Name, Filter)>, GitError> {
        let values = self.attribute("filter", names).await?.into_iter();
        let filter = |(name, value): (Name, Vec<u8>)| match value.as_slice() {
            b"unspecified" | b"unset" | b"set" => None,
            b"lfs" => Some((name, Filter::Lfs)),
            _ => Some((name, Filter::Other)),
        };
        Ok(values.filter_map(filter).collect())
    }

    /// Those of `names` whose text has another encoding in a checkout.
    pub(crate) async fn encoded(&self, names: &[Name]) -> Result<Vec<Name>, GitError> {
        let values = self.attribute("working-tree-encoding", names).await?;
        let encoded = values
            .into_iter()
            .filter(|(_, value)| value != b"unspecified");
        Ok(encoded.map(|(name, _)| name).collect())
    }

    /// What `attribute` is for each of `names`, as git says it.
    async fn attribute(
        &self,
        attribute: &str,
        names: &[Name],
    ) -> Result<Vec<(Name, Vec<u8>)>, GitError> {
        let check = self.call(&["check-attr", "-z", "--stdin", attribute]);
        let answer = check.input(listed(names)).run().await?;
        let mut fields = answer.split(|byte| *byte == 0);
        let mut found = Vec::new();
        while let (Some(path), Some(_), Some(value)) = (fields.next(), fields.next(), fields.next())
        {
            found.push((path.into(), value.to_owned()));
        }
        Ok(found)
    }
}

//! Rust files, parsed.

use syn::{
    Attribute, Block, File, ImplItemFn, ItemFn, ItemMod, Meta, Signature, TraitItemFn,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::workspace::{files, read};

/// One Rust file.
pub(crate) struct Source {
    /// Where it is, from the root.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// Its syntax.
    pub(crate) file: File,
}

/// Every Rust file of the repository.
pub(crate) fn sources() -> Vec<Source> {
    let rust = files()
        .into_iter()
        .filter(|path| path.rsplit('.').next() == Some("rs"));
    rust.map(|path| {
        let text = read(&path);
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        Source { path, text, file }
    })
    .collect()
}

/// A function, and how many lines it has from its signature to its closing brace.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) lines: usize,
}

impl Source {
    /// How many lines the file has without the test modules in it.
    pub(crate) fn lines(&self) -> usize {
        let mut tests = TestModules(0);
        tests.visit_file(&self.file);
        self.text.lines().count() - tests.0
    }

    /// Every function of the file.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let mut functions = Functions(Vec::new());
        functions.visit_file(&self.file);
        functions.0
    }

    /// Whether it is shipped, not part of a test.
    pub(crate) fn shipped(&self) -> bool {
        let test = |part: &str| {
            matches!(part, "tests" | "tests.rs" | "benches" | "testing.rs")
                || part.ends_with("_tests.rs")
        };
        !self.path.split('/').any(test)
    }
}

/// Whether something only exists in tests.
pub(crate) fn only_in_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Meta::List(list) = &attribute.meta else {
            return false;
        };
        list.path.is_ident("cfg") && list.tokens.to_string() == "test"
    })
}

/// How many lines something spans.
fn span_lines(from: impl Spanned, to: impl Spanned) -> usize {
    to.span().end().line - from.span().start().line + 1
}

struct TestModules(usize);

impl<'ast> Visit<'ast> for TestModules {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if only_in_tests(&module.attrs) {
            self.0 += span_lines(module, module);
        } else {
            visit::visit_item_mod(self, module);
        }
    }
}

struct Functions(Vec<Function>);

impl Functions {
    fn add(&mut self, signature: &Signature, block: &Block) {
        self.0.push(Function {
            name: signature.ident.to_string(),
            lines: span_lines(signature, block),
        });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, found: &'ast ItemFn) {
        self.add(&found.sig, &found.block);
        visit::visit_item_fn(self, found);
    }

    fn visit_impl_item_fn(&mut self, found: &'ast ImplItemFn) {
        self.add(&found.sig, &found.block);
        visit::visit_impl_item_fn(self, found);
    }

    fn visit_trait_item_fn(&mut self, found: &'ast TraitItemFn) {
        if let Some(block) = &found.default {
            self.add(&found.sig, block);
        }
        visit::visit_trait_item_fn(self, found);
    }
}

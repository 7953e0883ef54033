//! What the rules need to know of a Rust file's syntax.

use std::collections::BTreeMap;

use syn::{
    Attribute, Block, Expr, ExprMethodCall, File, ImplItemFn, ItemFn, ItemMod, ItemUse, Lit, Meta,
    Signature, TraitItemFn, UseTree,
    spanned::Spanned,
    visit::{self, Visit},
};

/// A function, and how many lines it has from its signature to its closing brace.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) lines: usize,
}

/// How many lines of a file belong to test modules.
pub(crate) fn lines_of_test_modules(file: &File) -> usize {
    let mut modules = TestModules(0);
    modules.visit_file(file);
    modules.0
}

/// Every function of a file.
pub(crate) fn functions(file: &File) -> Vec<Function> {
    let mut functions = Functions(Vec::new());
    functions.visit_file(file);
    functions.0
}

/// `METHOD /path` of every `.route("/path", method(handler))` outside of test modules.
pub(crate) fn routes(file: &File) -> Vec<String> {
    let mut routes = Routes(Vec::new());
    routes.visit_file(file);
    routes.0
}

/// What a file brings in, by the names under which it is known there, and every other path in it, outside of test modules.
pub(crate) fn paths(file: &File) -> (BTreeMap<String, Vec<String>>, Vec<Vec<String>>) {
    let mut paths = Paths::default();
    paths.visit_file(file);
    (paths.imports, paths.others)
}

#[derive(Default)]
struct Paths {
    imports: BTreeMap<String, Vec<String>>,
    others: Vec<Vec<String>>,
}

impl Paths {
    fn import(&mut self, before: &[String], tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                let before = [before, &[path.ident.to_string()]].concat();
                self.import(&before, &path.tree);
            }
            UseTree::Name(name) if name.ident == "self" => {
                let known = before.last().cloned().unwrap_or_default();
                self.imports.insert(known, before.to_vec());
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                let whole = [before, std::slice::from_ref(&name)].concat();
                self.imports.insert(name, whole);
            }
            UseTree::Rename(renamed) => {
                let whole = [before, &[renamed.ident.to_string()]].concat();
                self.imports.insert(renamed.rename.to_string(), whole);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(before, tree);
                }
            }
            UseTree::Glob(_) => self.others.push(before.to_vec()),
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !only_in_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|part| part.ident.to_string());
        self.others.push(names.collect());
        visit::visit_path(self, path);
    }
}

struct TestModules(usize);

impl<'ast> Visit<'ast> for TestModules {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if only_in_tests(&module.attrs) {
            self.0 += lines(module, module);
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
            lines: lines(signature, block),
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

struct Routes(Vec<String>);

impl<'ast> Visit<'ast> for Routes {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !only_in_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let arguments: Vec<&Expr> = call.args.iter().collect();
        if call.method == "route"
            && let [path, methods] = arguments[..]
        {
            let path =
                literal(path).unwrap_or_else(|| "a path that is not written here".to_owned());
            let methods = methods_of(methods).into_iter();
            self.0
                .extend(methods.map(|method| format!("{method} {path}")));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// The methods of `get(a)` or `get(a).post(b)`.
fn methods_of(expression: &Expr) -> Vec<String> {
    match expression {
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => path
                .path
                .segments
                .last()
                .map(|segment| vec![segment.ident.to_string().to_uppercase()])
                .unwrap_or_default(),
            _ => Vec::new(),
        },
        Expr::MethodCall(call) => {
            let mut methods = methods_of(&call.receiver);
            methods.push(call.method.to_string().to_uppercase());
            methods
        }
        _ => vec!["ANY".to_owned()],
    }
}

fn literal(expression: &Expr) -> Option<String> {
    let Expr::Lit(literal) = expression else {
        return None;
    };
    let Lit::Str(text) = &literal.lit else {
        return None;
    };
    Some(text.value())
}

/// Whether something only exists in tests.
fn only_in_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Meta::List(list) = &attribute.meta else {
            return false;
        };
        list.path.is_ident("cfg") && list.tokens.to_string() == "test"
    })
}

fn lines(from: &impl Spanned, to: &impl Spanned) -> usize {
    to.span().end().line - from.span().start().line + 1
}

#[test]
fn lines_and_routes_are_read_as_written() {
    let text = "fn a() {\n    router.route(\"/x\", get(a).post(b));\n}\n\n#[cfg(test)]\nmod tests {\n    fn b() {\n        router.route(\"/y\", get(a));\n    }\n}\n";
    let file = syn::parse_file(text).unwrap();
    assert_eq!(lines_of_test_modules(&file), 6);
    assert_eq!(routes(&file), ["GET /x", "POST /x"]);
    let found: Vec<(String, usize)> = functions(&file)
        .into_iter()
        .map(|function| (function.name, function.lines))
        .collect();
    assert_eq!(found, [("a".to_owned(), 3), ("b".to_owned(), 3)]);
}

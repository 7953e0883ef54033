//! The demonstration repository: a small Python package with one failing test, an issue about it, and a script
//! that plays the coding agent, so that the demonstration needs no key.

/// How the repository's script is started, in its top folder, as an agent.
pub const COMMAND: [&str; 2] = ["python3", "agent/agent.py"];

/// The title of the issue about the failing test.
pub(crate) const ISSUE_TITLE: &str = "Ten widgets are sold without the discount";

/// The text of that issue, in Markdown.
pub(crate) const ISSUE_BODY: &str = "\
Our price list says **10 % off from ten pieces on**. An order of exactly ten is charged in full:

```python
>>> from widgets.price import price
>>> price(10, 200)
2000
>>> price(11, 200)
1980
```

`price(10, 200)` should be 1800. Eleven pieces come out right. `python3 -m unittest` shows it too:
`test_ten_pieces_have_the_discount` fails.
";

/// Every file of the repository: its path, and what is in it.
pub fn files() -> Vec<(&'static str, &'static str)> {
    macro_rules! demonstration {
        ($($path:literal),+ $(,)?) => {
            vec![$(($path, include_str!(concat!("../demo/", $path)))),+]
        };
    }
    demonstration![
        ".gitignore",
        "README.md",
        "agent/agent.py",
        "agent/checks.py",
        "agent/repair.py",
        "agent/words.py",
        "tests/__init__.py",
        "tests/test_price.py",
        "widgets/__init__.py",
        "widgets/price.py",
    ]
}

#[cfg(test)]
mod tests;

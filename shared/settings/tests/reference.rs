//! The page about settings against what is declared.

use std::{env, fs, path::Path};

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says whether it writes the page"
)]
fn the_page_about_settings_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    let made = settings::reference();
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &made).expect("the page can be written");
    }
    let page = fs::read_to_string(&path).expect("the page is there");
    assert!(
        page == made,
        "docs/settings.md is not what shared/settings declares; write it anew with \
         `UPDATE=1 cargo test -p switchyard-settings --test reference`"
    );
}

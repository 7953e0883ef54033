//! Registering the GitHub App of a stack.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context as _, Result, bail};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    World,
    arguments::{Register, Target},
    commands::app_of,
    github::{Form, Manifest, Note, Page, Registered, Visit, Visits, exchange},
    secrets,
    settings::{
        APP_ID, MADE, OF_THE_APP, OLD_WEBHOOK_SECRET, PRIVATE_KEY, Place, Settings, WEBHOOK_SECRET,
    },
    stack::Stack,
};

/// GitHub forgets a manifest after this time.
const PATIENCE: Duration = Duration::from_hours(1);

/// Registers the app: a person confirms on GitHub, and GitHub sends their browser back with a code.
pub(super) async fn run(world: &mut World<'_>, target: &Target, options: &Register) -> Result<()> {
    let stack = Stack::get(&world.cloud, &target.stack(), &target.stage).await?;
    let settings = stack.settings(&world.cloud)?;
    let stored = settings.read().await?;
    free(target, options, &stored)?;
    // First of all what can be made here: whoever may not store this may not store the rest either.
    for name in MADE.into_iter().filter(|name| !stored.contains_key(name)) {
        let key = secrets::make(world.random.as_ref());
        settings.put(name, &key, Place::Free).await?;
    }
    let (visit, page) = return_of_the_browser(world, target, options, &stack).await?;
    let api = stack.address_of("GitHubApiUrl")?;
    let done = keep(&settings, &api, &visit.code, options).await;
    // Whoever closed the page reads it here.
    drop(visit.answer.send(note(&done)));
    page.close().await;
    let app = done?;
    let in_use = OF_THE_APP.iter().any(|name| stored.contains_key(name));
    if in_use {
        world.terminal.say("The functions are started anew …")?;
        let clock = world.clock.clone();
        stack
            .reload(&world.cloud, clock.as_ref(), world.pace)
            .await?;
    }
    tell(world, target, &settings, &app)
}

fn free(
    target: &Target,
    options: &Register,
    stored: &HashMap<&'static str, SecretString>,
) -> Result<()> {
    let there: Vec<&str> = OF_THE_APP
        .into_iter()
        .filter(|name| stored.contains_key(name))
        .collect();
    if !options.replace && !there.is_empty() {
        bail!(
            "the stage {} has an app already: {} are stored. `make check-deployed STAGE={0}` says how it is; --replace (REPLACE=yes) registers another one in its place",
            target.stage,
            there.join(", ")
        );
    }
    Ok(())
}

async fn return_of_the_browser(
    world: &mut World<'_>,
    target: &Target,
    options: &Register,
    stack: &Stack,
) -> Result<(Visit, Visits)> {
    let webhook = match &options.webhook_url {
        Some(url) => url.clone(),
        None => stack.address("WebhookUrl")?,
    };
    let web = stack.address_of("GitHubGitUrl")?;
    let usual = || Manifest::usual_name(&options.owner, &target.stage);
    let name = options.name.clone().unwrap_or_else(usual);
    let page = Page::open(options.listen).await?;
    let home = stack.address("WorkerUrl")?;
    let manifest = Manifest::new(&name, &home, &webhook, &page.back());
    let state = secrets::make(world.random.as_ref())
        .expose_secret()
        .to_owned();
    let form = Form::new(
        &web,
        options.org.as_deref(),
        &state,
        &name,
        &webhook,
        &manifest,
    )?;
    let link = page.link();
    let mut visits = page.serve(form, state, &web);
    world.terminal.say(format_args!(
        "Open this page and confirm on GitHub; it waits for an hour:\n  {link}"
    ))?;
    let visit = tokio::time::timeout(PATIENCE, visits.next()).await;
    let visit = visit.context("nobody confirmed within an hour, which is how long GitHub waits")?;
    Ok((visit.context("the page is gone")?, visits))
}

/// Fetches the app and stores what it is made of.
async fn keep(
    settings: &Settings,
    api: &Url,
    code: &str,
    options: &Register,
) -> Result<Registered> {
    let app = exchange(api, code).await?;
    let place = if options.replace {
        Place::Any
    } else {
        Place::Free
    };
    let secret = app.webhook_secret.as_ref().context(
        "GitHub handed over an app without a webhook secret: delete it on GitHub and try again",
    )?;
    let id = SecretString::from(app.id.to_string());
    let lost = || {
        format!(
            "the app {} exists, but what GitHub said of it only once could not be stored: delete it at {} and try again with --replace",
            app.slug, app.html_url
        )
    };
    for (name, value) in [
        (PRIVATE_KEY, &app.pem),
        (WEBHOOK_SECRET, secret),
        (APP_ID, &id),
    ] {
        settings.put(name, value, place).await.with_context(lost)?;
    }
    if options.replace {
        // It belonged to the other app.
        settings.delete(&[OLD_WEBHOOK_SECRET]).await?;
    }
    Ok(app)
}

fn note(done: &Result<Registered>) -> Note {
    match done {
        Ok(app) => Note {
            title: format!("{} is registered", app.slug),
            text:
                "Its settings are stored. Install it on the repositories that agents may work in:"
                    .to_owned(),
            link: Some(app.install_link()),
        },
        Err(error) => Note::plain("This did not work", format!("{error:#}")),
    }
}

fn tell(
    world: &mut World<'_>,
    target: &Target,
    settings: &Settings,
    app: &Registered,
) -> Result<()> {
    let stage = &target.stage;
    world
        .terminal
        .good(format_args!("the app {} is registered", app.slug))?;
    for name in OF_THE_APP {
        world
            .terminal
            .good(format_args!("{} is stored", settings.path(name)))?;
    }
    world.terminal.say(format_args!(
        "Next:\n  1. Install it on repositories: {}\n  2. See that everything is in place: make check-deployed STAGE={stage}\n  3. Comment bot:investigate on an issue.",
        app.install_link()
    ))
}

/// Lets the app send its webhooks to the stack, as after the stack was made anew.
pub(super) async fn point_webhook(world: &mut World<'_>, target: &Target) -> Result<()> {
    let stack = Stack::get(&world.cloud, &target.stack(), &target.stage).await?;
    let stored = stack.settings(&world.cloud)?.read().await?;
    let webhook = stack.address("WebhookUrl")?;
    app_of(world, &stack, &stored)?
        .send_webhooks_to(&webhook)
        .await?;
    world
        .terminal
        .good(format_args!("webhooks go to {webhook}"))
}

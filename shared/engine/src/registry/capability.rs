//! What a deployment may be able to do beside the engine.

/// Something that a deployment may be able to do.
#[derive(Debug)]
pub struct Capability {
    /// Its name.
    pub name: &'static str,
    /// Which part of Switchyard brings it.
    pub owner: &'static str,
    /// What it takes, or what does the same until then.
    pub solution: &'static str,
}

macro_rules! capabilities {
    ($($(#[$doc:meta])* $constant:ident = $name:literal, $owner:literal, $solution:literal;)*) => {
        impl Capability {
            $($(#[$doc])*
            pub const $constant: Self = Self { name: $name, owner: $owner, solution: $solution };)*
        }
    };
}

capabilities! {
    /// Work done by a coding agent or a program in a daemon's sandbox.
    JOBS = "jobs of a daemon", "the daemon", "ask for the work by a built-in definition of one task until then";
    /// Requests to addresses outside.
    HTTP = "HTTP requests", "the caller function", "let a job's program make the request until then";
    /// A model asked directly.
    MODELS = "calls to models", "the caller function", "let a coding agent do it until then";
    /// Tools that speak the Model Context Protocol.
    MCP = "MCP tools", "the caller function", "name the tool's API in an http_request until then";
    /// What agents remember.
    MEMORY = "memories of agents", "the caller function", "hand on what is to be remembered as data until then";
    /// Memories that find by meaning or relation.
    KNOWLEDGE = "memories that find by meaning", "the knowledge service", "use key_value_store or document_store until then";
    /// Stored files.
    FILES = "files", "the files function", "hand on the content as data until then";
    /// Starting another run and waiting for it.
    CHILDREN = "runs that start runs", "the conductor function", "put the other definition's nodes into this one until then";
    /// Time and answers that runs wait for.
    WAITS = "waits of runs", "the conductor function", "leave the wait out, or start a second run later, until then";
    /// Runs that begin by the clock.
    SCHEDULES = "schedules", "the scheduler function", "start the run by hand or by a webhook until then";
    /// Runs that begin by hand.
    STARTS = "starting graphs by hand", "the conductor function", "use a definition of one task until then";
    /// Runs that begin by any signed webhook.
    WEBHOOKS = "custom webhooks", "the ingress of custom sources", "start the run from GitHub or by hand until then";
    /// Runs that begin by what happens on GitHub.
    GITHUB_EVENTS = "graphs started from GitHub", "the triage function", "start the run by a comment with a definition of one task until then";
    /// Runs that begin by what is said in Slack.
    SLACK_EVENTS = "events of Slack", "the ingress of Slack", "start the run from GitHub until then";
    /// Runs that begin by mail.
    MAIL_EVENTS = "incoming mail", "the ingress of mail", "let the mail provider send a webhook until then";
    /// What is done at GitHub.
    GITHUB = "actions at GitHub", "the provider crate of GitHub", "let a coding agent open a pull request until then";
    /// What is done in Slack.
    SLACK = "actions in Slack", "the provider crate of Slack", "use http_request with Slack's API until then";
    /// What is done in Jira.
    JIRA = "actions in Jira", "the provider crate of Jira", "use http_request with Jira's API until then";
    /// What is done in Discord.
    DISCORD = "actions in Discord", "a provider crate of Discord", "use http_request with a webhook of the channel until then";
    /// What is done in Telegram.
    TELEGRAM = "actions in Telegram", "a provider crate of Telegram", "use http_request with Telegram's bot API until then";
    /// What is done in Notion.
    NOTION = "actions in Notion", "a provider crate of Notion", "use http_request with Notion's API until then";
    /// What is done in Google Calendar.
    GOOGLE_CALENDAR = "actions in Google Calendar", "a provider crate of Google", "use http_request with the calendar's API until then";
    /// What is fetched by Firecrawl.
    FIRECRAWL = "pages by Firecrawl", "a provider crate of Firecrawl", "use http_request with Firecrawl's API until then";
    /// Mail that is sent.
    MAIL = "sending mail", "a provider crate of mail", "use http_request with the mail provider's API until then";
    /// Searching the web.
    SEARCH = "searching the web", "a provider crate of search", "use http_request with a search API until then";
    /// Signed webhooks to the outside.
    OUTBOUND = "signed webhooks to the outside", "the outbound webhooks", "use http_request until then";
    /// Questions to people.
    APPROVALS = "questions to people", "approvals", "use flow wait for an event until then";
}

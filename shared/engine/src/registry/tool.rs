//! What an agent may use. A tool is attached to an agent and stands in no connection.

use super::{Capability, Execution, NodeKind, NodeType, Parameter, ParameterType};

const fn tool(subtype: &'static str, meaning: &'static str) -> NodeKind {
    NodeKind::new(NodeType::Tool, subtype, Execution::Attached, meaning)
}

const SERVER: &[Parameter] = &[
    Parameter::new("url", ParameterType::Url, "The server's address.").needed(),
    Parameter::new(
        "tools",
        ParameterType::Json,
        "The names of the tools that may be used; without it, none.",
    )
    .or("[]"),
    Parameter::new(
        "bearer",
        ParameterType::Secret,
        "The secret that the server wants.",
    ),
];

const fn server(subtype: &'static str, meaning: &'static str) -> NodeKind {
    tool(subtype, meaning).with(SERVER).needs(&Capability::MCP)
}

const fn not_here(subtype: &'static str, meaning: &'static str) -> NodeKind {
    tool(subtype, meaning).refused(
        "there is no such tool here",
        "use mcp_tool with a server that offers it",
    )
}

pub(super) const KINDS: &[NodeKind] = &[
    server(
        "mcp_tool",
        "Tools of any server that speaks the Model Context Protocol over HTTP.",
    ),
    server("notion_mcp_tool", "Notion's server."),
    server("slack_mcp_tool", "Slack's server."),
    server("discord_mcp_tool", "A server for Discord."),
    server("google_calendar_mcp_tool", "A server for Google Calendar."),
    server("firecrawl_mcp_tool", "Firecrawl's server."),
    not_here("google_calendar_tool", "Google Calendar."),
    not_here("outlook_calendar_tool", "Outlook's calendar."),
    not_here("calendar_generic_tool", "A calendar."),
    not_here("email_tool", "Mail."),
    not_here("gmail_tool", "Gmail."),
    not_here("http_client", "Requests of the agent's own."),
    not_here("file_processor", "Files."),
    not_here("image_processor", "Pictures."),
    not_here(
        "code_tool",
        "Programs of the agent's own; a coding agent has them.",
    ),
];

//! The demonstration repository.
/// The agent.
pub const COMMAND: [&str; 2] = ["python3", "agent/agent.py"];
/// T
pub(crate) const ISSUE_TITLE: &str = "Title";
/// B
pub(crate) const ISSUE_BODY: &str = "Body";
/// Files.
pub fn files() -> Vec<(&'static str, &'static str)> { vec![("a.txt", "1"), ("agent/agent.py", "import os,sys,json\nprint(json.dumps({'type':'step','text':'hello'}))\nopen('a.txt','w').write('2')\nopen(os.environ['SWITCHYARD_OUTPUT']+'/summary.md','w').write('done')\n")] }

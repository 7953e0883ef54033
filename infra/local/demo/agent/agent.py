"""Plays a coding agent, so that the demonstration needs no key. It is a script, not a model.

It knows one kind of mistake, a comparison whose boundary is off by one, and looks for it with the help of the
repository's own tests. It understands nothing of the issue that it is given.

In:  the prompt on standard input; SWITCHYARD_DEFINITION (implement or investigate), SWITCHYARD_CONTEXT (a JSON file with
     the issue) and SWITCHYARD_OUTPUT (a directory) in the environment; the repository in the current directory.
Out: lines such as {"type": "step", "text": "..."} on standard output, and summary.md or findings.md in
     SWITCHYARD_OUTPUT. The exit code is 0 if the work is done.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

import checks  # noqa: E402  (the line above must come first)
import repair  # noqa: E402
import words  # noqa: E402

# Long enough to follow the steps by eye; 0 for whoever does not watch.
PAUSE_SECONDS = float(os.environ.get("AGENT_PAUSE_SECONDS", "0.15"))


class CannotHelp(Exception):
    """The work cannot be done. The text says why."""


def main():
    prompt = sys.stdin.read()
    try:
        if not prompt.strip():
            raise CannotHelp("there is no prompt on standard input")
        name = setting("SWITCHYARD_DEFINITION")
        output = Path(setting("SWITCHYARD_OUTPUT"))
        issue = json.loads(Path(setting("SWITCHYARD_CONTEXT")).read_text(encoding="utf-8"))
        if name not in ("implement", "investigate"):
            raise CannotHelp(f"the definition {name!r} is not known to this script")
        step(f"reads #{issue.get('number')}: {issue.get('title')}")
        work = implement if name == "implement" else investigate
        work(Path.cwd(), output)
    except (CannotHelp, checks.NoTests, OSError, ValueError) as problem:
        step(f"gives up: {problem}")
        print(f"agent: {problem}", file=sys.stderr)
        return 1
    return 0


def implement(root, output):
    before = run_tests(root)
    if not before.failures:
        raise CannotHelp("every test passes, so this script has nothing to go by")
    edit = search(root, before)
    if edit is None:
        raise CannotHelp("no comparison with its boundary moved makes every test pass")
    repair.apply(root, edit)
    step(f"changes {edit.place}: {edit.old} becomes {edit.new}")
    after = run_tests(root)
    if after.failures:
        raise CannotHelp("the tests do not pass after the change")
    write(output / "summary.md", words.summary(before, after, edit))


def investigate(root, output):
    result = run_tests(root)
    edit = search(root, result) if result.failures else None
    functions = repair.functions_behind(root, result.failures)
    write(output / "findings.md", words.findings(result, functions, edit))


def run_tests(root):
    step("runs the tests: python3 -m unittest")
    result = checks.run(root)
    step(f"tests: {result.tally}")
    for failure in result.failures:
        step(f"{failure.name} fails at {failure.place}: {failure.message}")
    return result


def search(root, result):
    """The first edit with which every test passes. The tree itself is not touched: a copy is."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = repair.copy(root, Path(scratch) / "copy")
        for edit in repair.candidates(root, result.failures):
            tried = repair.tried(copy, edit)
            verdict = "every test passes" if not tried.failures else tried.tally
            step(f"tries {edit.new} for {edit.old} in {edit.place}: {verdict}")
            if not tried.failures:
                return edit
    return None


def setting(name):
    value = os.environ.get(name)
    if not value:
        raise CannotHelp(f"{name} is not set")
    return value


def step(text):
    print(json.dumps({"type": "step", "text": text}), flush=True)
    time.sleep(PAUSE_SECONDS)


def write(path, text):
    path.write_text(text, encoding="utf-8")
    step(f"writes {path.name}")


if __name__ == "__main__":
    sys.exit(main())

"""What the script tells people."""

SCRIPT = "_Written by `agent/agent.py`, the script that plays the agent in this demonstration. It is not a model._\n"


def summary(before, after, edit):
    """The summary of a change. Its first line becomes the pull request's title."""
    failing = "\n".join(described(failure) for failure in before.failures)
    return f"""Move the boundary in {edit.function} to {edit.new}

`{edit.place}` compared with `{edit.old}`; it now says `{edit.new}`.

| tests (`python3 -m unittest`) | result |
|---|---|
| before | {before.tally} |
| after | {after.tally} |

Failing before:

{failing}

The change is the first moved boundary in the functions behind the failing tests with which every test passes.

{SCRIPT}"""


def findings(result, functions, edit):
    """What an investigation found."""
    if not result.failures:
        return f"Nothing fails: {result.tally} (`python3 -m unittest`).\n\n{SCRIPT}"
    failing = "\n".join(described(failure) for failure in result.failures)
    behind = ", ".join(f"`{function.name}` ({function.place})" for function in functions)
    return f"""**Tests (`python3 -m unittest`): {result.tally}.**

{failing}

**Behind the failing tests:** {behind or "no function of this repository that could be found"}.

**Likely cause:** {cause(edit)}

{SCRIPT}"""


def cause(edit):
    if edit is None:
        return "not found. No comparison with its boundary moved makes every test pass."
    return (
        f"`{edit.old}` at `{edit.place}` in `{edit.function}`. With `{edit.new}` in its place every test passes; "
        "that was tried on a copy. Whether the tests or the code say what is meant is for people to decide."
    )


def described(failure):
    return f"- `{failure.test}` at `{failure.place}`: `{failure.message}`"

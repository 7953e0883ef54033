"""Runs the tests of a repository and reads what unittest says about them."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Tuple

# A moved boundary can make a loop endless.
LIMIT_SECONDS = 30

HEAD = re.compile(r"^(?:FAIL|ERROR): (\w+) \(([\w.]+)\)", re.MULTILINE)
FRAME = re.compile(r'^  File "(.+)", line (\d+), in (\w+)', re.MULTILINE)
MESSAGE = re.compile(r"^(\w[\w.]*(?:Error|Exception|Failure)\b.*)$", re.MULTILINE)
RAN = re.compile(r"^Ran (\d+) tests? in", re.MULTILINE)


class NoTests(Exception):
    """The tests could not be run at all."""


@dataclass(frozen=True)
class Failure:
    """A test that fails, and where, as its traceback says."""

    test: str
    file: str
    line: int
    message: str

    @property
    def place(self):
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Result:
    """What one run of the tests came to."""

    ran: int
    failures: Tuple[Failure, ...]

    @property
    def tally(self):
        failed = len(self.failures)
        return f"{self.ran - failed} of {self.ran} pass" + (f", {failed} fails" if failed else "")


def run(root):
    """Runs every test of the repository at `root`, writing nothing into it."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "unittest"]
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        late = Failure("the whole run", "tests", 0, f"no end after {LIMIT_SECONDS} seconds")
        return Result(1, (late,))
    return read(done.stderr, done.returncode, root)


def read(report, code, root):
    """Reads unittest's report. The exit code must agree with it."""
    ran = RAN.search(report)
    heads = list(HEAD.finditer(report))
    if not ran or int(ran.group(1)) == 0 or bool(code) != bool(heads):
        raise NoTests("the tests could not be run: " + (report.strip().splitlines() or ["no output"])[-1])
    ends = [head.start() for head in heads[1:]] + [ran.start()]
    parts = [(head, report[head.end() : end]) for head, end in zip(heads, ends)]
    return Result(int(ran.group(1)), tuple(failure(head, part, root) for head, part in parts))


def failure(head, part, root):
    name, owner = head.groups()
    # Newer Pythons repeat the test's name behind the class.
    test = owner if owner.endswith("." + name) else f"{owner}.{name}"
    frames = [match for match in FRAME.finditer(part) if match.group(3) == name]
    messages = MESSAGE.findall(part)
    message = messages[-1] if messages else "no message"
    if not frames:
        return Failure(test, test.split(".")[0], 0, message)
    file = Path(os.path.relpath(os.path.realpath(frames[0].group(1)), os.path.realpath(root)))
    return Failure(test, file.as_posix(), int(frames[0].group(2)), message)

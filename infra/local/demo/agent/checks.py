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

HEAD = re.compile(r"^(?:FAIL|ERROR): ([\w.]+) \(([\w.]+)\)", re.MULTILINE)
FRAME = re.compile(r'^  File "(.+)", line (\d+), in (\S+)', re.MULTILINE)
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
    def name(self):
        return self.test.rpartition(".")[2]

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
        verb = "fails" if failed == 1 else "fail"
        return f"{self.ran - failed} of {self.ran} pass" + (f", {failed} {verb}" if failed else "")


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
        last = (report.strip().splitlines() or ["no output"])[-1]
        raise NoTests(f"the tests could not be run: {last}")
    ends = [head.start() for head in heads[1:]] + [ran.start()]
    parts = [(head, report[head.end() : end]) for head, end in zip(heads, ends)]
    return Result(int(ran.group(1)), tuple(failure(head, part, root) for head, part in parts))


def failure(head, part, root):
    name, owner = head.groups()
    # Newer Pythons repeat the test's name behind the class. A module that cannot be imported has no class.
    if "_FailedTest" in owner:
        test = name
    else:
        test = owner if owner.endswith("." + name) else f"{owner}.{name}"
    frames = [(inside(match.group(1), root), *match.groups()[1:]) for match in FRAME.finditer(part)]
    frames = [frame for frame in frames if frame[0]]
    # The frame of the test itself says where it fails; the innermost one of the repository is next best.
    chosen = next((frame for frame in frames if frame[2] == name), frames[-1] if frames else ("unknown", 0, ""))
    messages = MESSAGE.findall(part)
    message = messages[-1] if messages else "no message"
    # Where the checkout lies on this machine is nobody's business.
    for here in (os.path.realpath(root), os.path.abspath(root)):
        message = message.replace(here + os.sep, "")
    return Failure(test, chosen[0], int(chosen[1]), message)


def inside(path, root):
    """`path` as seen from `root`, or nothing if it is elsewhere, such as in the standard library."""
    seen = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    return None if seen.startswith("..") else Path(seen).as_posix()

"""Looks for a comparison whose boundary is off by one, among the functions that a failing test calls."""

import ast
import shutil
from dataclasses import dataclass

import checks

MOVED = {ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">")}


@dataclass(frozen=True)
class Function:
    """A function of the repository."""

    name: str
    file: str
    node: ast.AST

    @property
    def place(self):
        return f"{self.file}:{self.node.lineno}"


@dataclass(frozen=True)
class Edit:
    """One operator replaced by another: `start` and `end` are byte columns in line `line`."""

    file: str
    function: str
    line: int
    start: int
    end: int
    operator: str
    old: str
    new: str

    @property
    def place(self):
        return f"{self.file}:{self.line}"


def candidates(root, failures):
    """Every comparison behind the failing tests, with its boundary moved."""
    for function in functions_behind(root, failures):
        lines = (root / function.file).read_bytes().splitlines()
        for node in ast.walk(function.node):
            if isinstance(node, ast.Compare) and len(node.ops) == 1:
                yield from moved(function, node, lines)


def moved(function, node, lines):
    left, right = node.left, node.comparators[0]
    if type(node.ops[0]) not in MOVED or left.end_lineno != right.end_lineno:
        return
    operator, other = MOVED[type(node.ops[0])]
    start, end, line = left.end_col_offset, right.col_offset, lines[node.lineno - 1]
    if line[start:end].strip() != operator.encode():
        return
    old = line[node.col_offset : node.end_col_offset].decode()
    first, last = line[node.col_offset : start].decode(), line[end : node.end_col_offset].decode()
    new = f"{first} {other} {last}"
    yield Edit(function.file, function.name, node.lineno, start, end, other, old, new)


def functions_behind(root, failures):
    """The functions that the failing tests call, and those that these call in their own module."""
    found = {}
    for failure in failures:
        tree = parse(root / failure.file)
        tests = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == failure.name]
        for module, function in imported(tree, {call for test in tests for call in calls(test)}):
            follow(root, module.replace(".", "/") + ".py", function, found)
    return list(found.values())


def imported(tree, names):
    """Where the names that a test calls come from, in the order in which they are imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                if (alias.asname or alias.name) in names:
                    yield node.module, alias.name


def follow(root, file, name, found):
    tree = parse(root / file)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name and (file, name) not in found:
            found[(file, name)] = Function(name, file, node)
            for called in calls(node):
                follow(root, file, called, found)


def calls(node):
    """The plain names that are called within `node`, in order."""
    inside = (child for child in ast.walk(node) if isinstance(child, ast.Call))
    return [call.func.id for call in inside if isinstance(call.func, ast.Name)]


def parse(path):
    # A module of the standard library, for instance, is not a file of the repository.
    return ast.parse(path.read_bytes() if path.is_file() else b"")


def copy(root, target):
    shutil.copytree(root, target, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    return target


def tried(copy_of_root, edit):
    """What the tests say with `edit` made. The copy is as before afterwards."""
    path = copy_of_root / edit.file
    before = path.read_bytes()
    apply(copy_of_root, edit)
    try:
        return checks.run(copy_of_root)
    finally:
        path.write_bytes(before)


def apply(root, edit):
    path = root / edit.file
    lines = path.read_bytes().splitlines(keepends=True)
    line = lines[edit.line - 1]
    lines[edit.line - 1] = line[: edit.start] + f" {edit.operator} ".encode() + line[edit.end :]
    path.write_bytes(b"".join(lines))

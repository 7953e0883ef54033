"""Checks the template: `python -m expanded template.yaml DIRECTORY`, which gets each expanded deployment for linters to look at."""

import ast
import copy
import importlib
import inspect
import json
import logging
import pathlib
import sys

from . import gateway, guard, parameters, watch, work
from .deployments import DEPLOYMENTS, conditions
from .mistakes import MISTAKES
from .stack import Missing, Stack, load

RULES = (work, watch, guard, gateway)


def complaints(source, values):
    """What is wrong with one deployment."""
    try:
        stack = Stack(source, values)
    except Missing as missing:
        return [str(missing)]
    return [complaint for part in RULES for complaint in part.rules(stack)]


def blind_spots(source):
    """Mistakes that no rule notices, and complaints of rules that no mistake brings about."""
    for part in RULES:
        importlib.import_module(f"{part.__name__}_mistakes")
    said = set()
    for mistake, expected, change in MISTAKES:
        changed = copy.deepcopy(source)
        change(changed["Resources"])
        for values in DEPLOYMENTS.values():
            found = complaints(changed, values)
            said.update(found)
            if any(expected in one for one in found):
                break
        else:
            yield f"{mistake}: no rule says {expected!r}"
    for part in RULES:
        for words in wordings(part):
            if not any(all(word in one for word in words) for one in said):
                yield f"no mistake makes {part.__name__} say {' … '.join(words)!r}"


def wordings(part):
    """The fixed words of each complaint that a module of rules can make."""
    for node in ast.walk(ast.parse(inspect.getsource(part))):
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.JoinedStr):
            yield [piece.value for piece in node.value.values if isinstance(piece, ast.Constant)]


def main(path, directory):
    logging.disable(logging.CRITICAL)
    source = load(path)
    found = [f"{name}: {one}" for name, values in DEPLOYMENTS.items() for one in complaints(source, values)]
    if not found:
        found += conditions({name: Stack(source, values) for name, values in DEPLOYMENTS.items()})
        found += blind_spots(source)
        found += parameters.mistakes(source)
    for one in found:
        print(one, file=sys.stderr)
    if found:
        return 1
    directory.mkdir(parents=True, exist_ok=True)
    for name, values in DEPLOYMENTS.items():
        template = json.dumps(Stack(source, values).template(), indent=1)
        (directory / f"{name}.json").write_text(template, encoding="utf-8")
    noticed = f"the rules notice all of {len(MISTAKES)} mistakes, the parameters all of {len(parameters.REFUSED)}"
    print(f"{path}: {len(DEPLOYMENTS)} deployments keep to the rules; {noticed}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))

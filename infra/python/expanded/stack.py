"""The template expanded by SAM's own translator, with the values of one deployment filled in."""

import copy
import re

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/switchyard/1",
    "AWS::StackName": "switchyard",
    "AWS::URLSuffix": "amazonaws.com",
}
# The address that `sam deploy` puts in place of the directory with the code.
UPLOADED = "s3://uploads/code"
# Stands for a property that is left out.
NOTHING = object()


class NoManagedPolicies:
    """The translator asks for the names of AWS's managed policies; no role here has one."""

    def load(self):
        return {}


class Missing(Exception):
    """Something refers to what this deployment does not have."""


class Stack:
    """The resources and outputs of one deployment. References between resources stay as they are, everything else is a value."""

    def __init__(self, source, parameters):
        self.parameters = {name: one.get("Default") for name, one in source["Parameters"].items()} | parameters
        self.declared = source["Parameters"]
        expanded = expand(source, self.parameters)
        self.conditions = expanded.get("Conditions", {})
        exists = {id: self._holds(one) for id, one in expanded["Resources"].items()}
        self.absent = {id for id, here in exists.items() if not here}
        self.present = {id for id, here in exists.items() if here}
        self.resources = {id: self._value(expanded["Resources"][id], id) for id in sorted(self.present)}
        outputs = {id: one for id, one in expanded.get("Outputs", {}).items() if self._holds(one)}
        self.outputs = {id: self._value(one, f"the output {id}") for id, one in outputs.items()}
        for one in [*self.resources.values(), *self.outputs.values()]:
            one.pop("Condition", None)

    def of_type(self, kind):
        """Resources of a type: pairs of logical id and properties."""
        found = ((id, one) for id, one in self.resources.items() if one["Type"] == kind)
        return [(id, one.get("Properties", {})) for id, one in found]

    def named(self, reference):
        """The logical id and properties of what a `Ref`, `Fn::GetAtt` or text with one reference means; nothing for other values."""
        id = target(reference)
        return (id, self.resources[id].get("Properties", {})) if id in self.resources else None

    def template(self):
        """The deployment as a template of its own, for linters, which do not look through conditions."""
        return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": referring(self.resources), "Outputs": referring(self.outputs)}

    def _holds(self, one):
        return "Condition" not in one or self._condition({"Condition": one["Condition"]})

    def _condition(self, test):
        (kind, argument), = test.items()
        if kind == "Condition":
            return self._condition(self.conditions[argument])
        if kind == "Fn::Equals":
            left, right = (self._value(side, "a condition") for side in argument)
            return str(left) == str(right)
        if kind == "Fn::Not":
            return not self._condition(argument[0])
        return {"Fn::And": all, "Fn::Or": any}[kind](self._condition(one) for one in argument)

    def _value(self, node, place):
        if isinstance(node, list):
            return [one for one in (self._value(one, place) for one in node) if one is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (kind, argument), = node.items()
            if kind == "Ref" or kind.startswith("Fn::"):
                return self._intrinsic(kind, argument, place)
        entries = ((key, self._value(one, place)) for key, one in node.items())
        return {key: one for key, one in entries if one is not NOTHING}

    def _intrinsic(self, kind, argument, place):
        if kind == "Ref":
            return self._reference(argument, place)
        if kind == "Fn::GetAtt":
            id, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
            self._check(id, place)
            return {kind: [id, attribute]}
        if kind == "Fn::If":
            name, yes, no = argument
            return self._value(yes if self._condition({"Condition": name}) else no, place)
        if kind == "Fn::Sub":
            return self._substitute(argument, place)
        argument = self._value(argument, place)
        if kind == "Fn::Join":
            return argument[0].join(text(one) for one in argument[1])
        if kind == "Fn::Split":
            return argument[1].split(argument[0])
        if kind == "Fn::Select":
            return argument[1][int(argument[0])]
        raise Missing(f"{place} uses {kind}, which is not known here")

    def _reference(self, name, place):
        if name == "AWS::NoValue":
            return NOTHING
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            value = self.parameters[name]
            is_list = self.declared[name]["Type"] == "CommaDelimitedList"
            return value.split(",") if is_list else value
        self._check(name, place)
        return {"Ref": name}

    def _substitute(self, argument, place):
        pattern, variables = argument if isinstance(argument, list) else (argument, {})
        variables = {name: text(self._value(one, place)) for name, one in variables.items()}

        def fill(match):
            name = match.group(1)
            if name in variables:
                return variables[name]
            if "." in name:
                self._check(name.split(".")[0], place)
                return match.group(0)
            return text(self._reference(name, place))

        return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", fill, pattern)

    def _check(self, id, place):
        if id in self.absent:
            raise Missing(f"{place} refers to {id}, which this deployment does not have")
        if id not in self.present:
            raise Missing(f"{place} refers to {id}, which is not in the template")


def text(value):
    """A value inside a longer text; a reference is written as `Fn::Sub` writes it."""
    if isinstance(value, dict):
        (kind, argument), = value.items()
        return "${" + (argument if kind == "Ref" else ".".join(argument)) + "}"
    return str(value)


def target(reference):
    """The logical id that a reference means, if it is one."""
    found = re.fullmatch(r"\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9.]+)?\}", text(reference)) if reference else None
    return found.group(1) if found else None


def referring(node):
    """A value in which texts with references in them are `Fn::Sub` again."""
    if isinstance(node, list):
        return [referring(one) for one in node]
    if isinstance(node, dict):
        return {key: referring(one) for key, one in node.items()}
    return {"Fn::Sub": node} if isinstance(node, str) and "${" in node else node


def expand(source, parameters):
    """The template as CloudFormation gets it."""
    fragment = copy.deepcopy(source)
    fragment["Globals"]["Function"]["CodeUri"] = UPLOADED
    return transform(fragment, {**PSEUDO, **parameters}, NoManagedPolicies())


def load(path):
    """The template as it is written."""
    with open(path, encoding="utf-8") as file:
        return yaml_parse(file.read())

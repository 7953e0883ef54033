"""Deploys what `make build` built, as one stage.

What a stage was deployed with is kept in its section of samconfig.toml, which sam reads; parameters that are named neither there nor on
the command line stay what they are in the stack. Values come from the environment: STAGE, ARCH, OWNERS, PARAMETERS, STACK_ROLE, SAMCONFIG, SETUP.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import tomlkit

from with_aws import environment

ROOT = Path(__file__).resolve().parents[2]
CONFIG = Path(os.environ.get("SAMCONFIG", ROOT / "samconfig.toml"))
# What is the same for every stage, and for whoever deploys with SAM's own commands.
EXAMPLE = ROOT / "samconfig.example.toml"


def parameters(text: str) -> dict[str, str]:
    """`Name=value` pairs, separated by spaces; values may be quoted as in a shell."""
    pairs = {}
    for word in shlex.split(text):
        name, separator, value = word.partition("=")
        if not separator or not name.isalnum():
            sys.exit(f"PARAMETERS is not a list of Name=value: {word!r}")
        pairs[name] = value
    return pairs


def overrides(pairs: dict[str, str]) -> str:
    """The pairs as sam reads them."""
    escape = str.maketrans({"\\": "\\\\", '"': '\\"'})
    return " ".join(f'{name}="{value.translate(escape)}"' for name, value in sorted(pairs.items()))


def section(config: tomlkit.TOMLDocument, stage: str) -> dict:
    """What samconfig.toml holds for the stage, made if it is not there."""
    table = config
    for key in (stage, "deploy", "parameters"):
        table = table.setdefault(key, tomlkit.table())
    return table


def owners_of(given: dict[str, str], kept: dict[str, str]) -> str:
    """Whose repositories may start work; asks the person if nobody has said it yet. Empty is what the stack has."""
    owners = given.get("AllowedOwners") or kept.get("AllowedOwners", "")
    if owners or not sys.stdin.isatty():
        return owners
    print("Whose repositories may start work? GitHub users or organisations, separated by commas;")
    return input("nothing if the stage runs already: ").replace(" ", "")


def main() -> None:
    stage = os.environ["STAGE"]
    config = tomlkit.parse(CONFIG.read_text()) if CONFIG.exists() else tomlkit.document()
    config.setdefault("version", 0.1)
    table = section(config, stage)
    kept = parameters(str(table.get("parameter_overrides", "")))
    given = parameters(os.environ.get("PARAMETERS", ""))
    if os.environ.get("OWNERS"):
        given["AllowedOwners"] = os.environ["OWNERS"]
    owners = owners_of(given, kept)
    values = kept | given
    values |= {"Stage": stage, "Architecture": os.environ["ARCH"]}
    if owners:
        values["AllowedOwners"] = owners

    env = environment()
    ready = shlex.split(os.environ["SETUP"]) + ["--stage", stage, "ready", "--owners", owners]
    # It makes keys where the stack will look for them, and encrypts them as the stack may decrypt them.
    for option, name in (("--parameter-root", "ParameterRoot"), ("--parameter-key", "ParameterKeyArn")):
        if name in values:
            ready += [option, values[name]]
    if values.get("DaemonModelKey") == "true":
        ready.append("--with-model-key")
        if values.get("DaemonModelSecret"):
            ready += ["--model-secret", values["DaemonModelSecret"]]
    if subprocess.run(ready, env=env, cwd=ROOT).returncode:
        sys.exit(1)

    usual = tomlkit.parse(EXAMPLE.read_text()).unwrap()["default"]["deploy"]["parameters"]
    table |= usual | {
        "stack_name": f"switchyard-{stage}",
        "s3_prefix": f"switchyard-{stage}",
        "confirm_changeset": False,
        "tags": f"application=switchyard stage={stage}",
        "parameter_overrides": overrides(values),
    }
    # Who may deploy need not be who may do everything that the template does.
    if os.environ.get("STACK_ROLE"):
        table["role_arn"] = os.environ["STACK_ROLE"]
    CONFIG.write_text(tomlkit.dumps(config))
    sam = [str(Path(sys.executable).with_name("sam")), "deploy", "--config-file", str(CONFIG), "--config-env", stage]
    sys.exit(subprocess.run(sam, env=env, cwd=ROOT).returncode)


if __name__ == "__main__":
    main()

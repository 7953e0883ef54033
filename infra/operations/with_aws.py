"""Runs a command with the AWS credentials and the Region that sam would use, in its environment.

So there is one way to log in for everything: profiles, single sign-on and roles are resolved here, by the library that sam uses too.
"""

import os
import sys

import botocore.exceptions
import botocore.session

LOG_IN = "log in (`aws sso login`, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"


def environment() -> dict[str, str]:
    """The environment with credentials in it; ends with a sentence if there are none."""
    env = dict(os.environ)
    if "AWS_ENDPOINT_URL" in env:
        # An emulator takes any, and real ones are none of its business.
        env.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
        env.pop("AWS_SESSION_TOKEN", None)
        env.pop("AWS_PROFILE", None)
        env.setdefault("AWS_REGION", "us-east-1")
        env["AWS_DEFAULT_REGION"] = env["AWS_REGION"]
        return env
    try:
        session = botocore.session.get_session()
        region = env.get("AWS_REGION") or session.get_config_variable("region")
        credentials = session.get_credentials()
        frozen = credentials and credentials.get_frozen_credentials()
    except botocore.exceptions.BotoCoreError as error:
        sys.exit(f"the AWS credentials cannot be used: {error}\n{LOG_IN}")
    if not frozen:
        sys.exit(f"there are no AWS credentials: {LOG_IN}")
    if not region:
        sys.exit("the AWS Region is not named: set AWS_REGION, as in `export AWS_REGION=eu-west-1`")
    env.update(
        AWS_ACCESS_KEY_ID=frozen.access_key,
        AWS_SECRET_ACCESS_KEY=frozen.secret_key,
        AWS_REGION=region,
        AWS_DEFAULT_REGION=region,
    )
    env.pop("AWS_PROFILE", None)
    env.pop("AWS_SESSION_TOKEN", None)
    if frozen.token:
        env["AWS_SESSION_TOKEN"] = frozen.token
    return env


if __name__ == "__main__":
    os.execvpe(sys.argv[1], sys.argv[1:], environment())

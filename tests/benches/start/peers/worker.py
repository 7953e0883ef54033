"""What `worker` does, as it is written in Python: a daemon's token, one item, and who has it. A claim hands the job out and takes it with
a conditional write; a heartbeat so soon after it writes nothing."""

import hashlib
import hmac
import json
import os
import time

import boto3

TABLE = os.environ["TABLE_NAME"]
DYNAMODB = boto3.client("dynamodb")
NAMES = [f"{os.environ['SWITCHYARD_PARAMETERS']}/{name}" for name in ("SWITCHYARD_TOKEN_KEY", "SWITCHYARD_DAEMON_KEY")]
FOUND = boto3.client("ssm").get_parameters(Names=NAMES, WithDecryption=True)["Parameters"]
KEY = next(one["Value"].encode() for one in FOUND if one["Name"] == NAMES[0])
LEASE = 120


def handle(event, _context):
    _, _, _, _, job, call = event["rawPath"].split("/")
    given = event["headers"].get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given, sign(job, call)):
        return answer(401, {"detail": "the token is not for this"})
    key = {"pk": {"S": f"JOB#{job}"}, "sk": {"S": "JOB"}}
    item = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    if item is None:
        return answer(404, {"detail": "there is no such job"})
    if call == "heartbeat":
        return answer(200, {"expires_at": item["expires"]["N"]})
    if item["state"]["S"] != "queued":
        return answer(409, {"detail": "somebody has it"})
    return claim(job, item, json.loads(event["body"])["daemon"])


def claim(job, item, daemon):
    expires, version = int(time.time()) + LEASE, item["version"]
    held = {
        **item,
        "state": {"S": "running"},
        "daemon": {"S": daemon},
        "expires": {"N": str(expires)},
        "version": {"N": str(int(version["N"]) + 1)},
    }
    try:
        DYNAMODB.put_item(
            TableName=TABLE,
            Item=held,
            ConditionExpression="version = :seen",
            ExpressionAttributeValues={":seen": version},
        )
    except DYNAMODB.exceptions.ConditionalCheckFailedException:
        return answer(409, {"detail": "somebody has it"})
    lease = {"token": sign(job, "heartbeat"), "expires_at": expires}
    return answer(200, {"lease": lease, "payload": json.loads(item["request"]["S"])})


def sign(job, purpose):
    return hmac.digest(KEY, f"{job}.{purpose}".encode(), hashlib.sha256).hex()


def answer(status, body):
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}

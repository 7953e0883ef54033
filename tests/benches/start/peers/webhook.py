"""What `webhook` does, as it is written in Python: the secret from Parameter Store, the signature of the raw bytes, one message."""

import base64
import hashlib
import hmac
import json
import os
import time
import zlib

import boto3

SQS = boto3.client("sqs")
NAMES = [os.environ["SWITCHYARD_PARAMETERS"] + name for name in ("/GITHUB_WEBHOOK_SECRET", "/GITHUB_WEBHOOK_SECRET_PREVIOUS")]
FOUND = boto3.client("ssm").get_parameters(Names=NAMES, WithDecryption=True)["Parameters"]
SECRETS = [one["Value"].encode() for one in FOUND]


def handle(event, _context):
    body = event["body"]
    raw = base64.b64decode(body) if event["isBase64Encoded"] else body.encode()
    headers = event["headers"]
    given = headers.get("x-hub-signature-256", "")
    if not any(hmac.compare_digest(given, "sha256=" + hmac.digest(secret, raw, hashlib.sha256).hex()) for secret in SECRETS):
        return answer(401, "the signature is not GitHub's")
    document = json.loads(raw)
    if document["action"] != "created":
        return answer(200, "nothing asks for work")
    message = {
        "delivery": headers["x-github-delivery"],
        "event": headers["x-github-event"],
        "received_at": time.time(),
        "repository": document["repository"]["id"],
        "body": base64.b64encode(zlib.compress(raw)).decode(),
    }
    SQS.send_message(
        QueueUrl=os.environ["DELIVERIES_QUEUE_URL"],
        MessageBody=json.dumps(message),
        MessageGroupId=f"github.{document['installation']['id']}.{document['repository']['id']}",
    )
    return answer(202, "accepted")


def answer(status, words):
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps({"detail": words})}

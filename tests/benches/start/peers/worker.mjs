// What `worker` does, as it is written in Node: a daemon's token, one item, and who has it. A claim hands the job out and takes it with a
// conditional write; a heartbeat so soon after it writes nothing.
import { createHmac, timingSafeEqual } from "node:crypto";
import { ConditionalCheckFailedException, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";

const { SWITCHYARD_PARAMETERS, TABLE_NAME: TableName } = process.env;
const LEASE = 120;
const dynamodb = new DynamoDBClient();
const Names = ["SWITCHYARD_TOKEN_KEY", "SWITCHYARD_DAEMON_KEY"].map((name) => `${SWITCHYARD_PARAMETERS}/${name}`);
const found = await new SSMClient().send(new GetParametersCommand({ Names, WithDecryption: true }));
const key = found.Parameters.find(({ Name }) => Name === Names[0]).Value;

export async function handle({ body, headers, rawPath }) {
  const [, , , , job, call] = rawPath.split("/");
  const given = Buffer.from((headers.authorization ?? "").replace(/^Bearer /, ""));
  const right = Buffer.from(sign(job, call));
  if (given.length !== right.length || !timingSafeEqual(given, right)) return answer(401, { detail: "the token is not for this" });
  const Key = { pk: { S: `JOB#${job}` }, sk: { S: "JOB" } };
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  if (!Item) return answer(404, { detail: "there is no such job" });
  if (call === "heartbeat") return answer(200, { expires_at: Item.expires.N });
  if (Item.state.S !== "queued") return answer(409, { detail: "somebody has it" });
  return claim(job, Item, JSON.parse(body).daemon);
}

async function claim(job, item, daemon) {
  const expires = Math.floor(Date.now() / 1000) + LEASE;
  const Item = {
    ...item,
    state: { S: "running" },
    daemon: { S: daemon },
    expires: { N: `${expires}` },
    version: { N: `${Number(item.version.N) + 1}` },
  };
  const condition = { ConditionExpression: "version = :seen", ExpressionAttributeValues: { ":seen": item.version } };
  try {
    await dynamodb.send(new PutItemCommand({ TableName, Item, ...condition }));
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return answer(409, { detail: "somebody has it" });
    throw error;
  }
  const lease = { token: sign(job, "heartbeat"), expires_at: expires };
  return answer(200, { lease, payload: JSON.parse(item.request.S) });
}

const sign = (job, purpose) => createHmac("sha256", key).update(`${job}.${purpose}`).digest("hex");

function answer(statusCode, body) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

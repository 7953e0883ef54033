// What `webhook` does, as it is written in Node: the secret from Parameter Store, the signature of the raw bytes, one message. `make
// bench-start` bundles it with what it imports, as functions are.
import { deflateSync } from "node:zlib";
import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { verify } from "@octokit/webhooks-methods";

const { DELIVERIES_QUEUE_URL, SWITCHYARD_PARAMETERS } = process.env;
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
const names = ["GITHUB_WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET_PREVIOUS"].map((name) => `${SWITCHYARD_PARAMETERS}/${name}`);
const found = await new SSMClient().send(new GetParametersCommand({ Names: names, WithDecryption: true }));
const secrets = found.Parameters.map(({ Value }) => Value);

export async function handle({ body, headers, isBase64Encoded }) {
  const raw = isBase64Encoded ? Buffer.from(body, "base64").toString() : body;
  const given = headers["x-hub-signature-256"] ?? "";
  let verified = false;
  for (const secret of secrets) verified ||= given !== "" && (await verify(secret, raw, given));
  if (!verified) return answer(401, "the signature is not GitHub's");
  const { action, installation, repository } = JSON.parse(raw);
  if (action !== "created") return answer(200, "nothing asks for work");
  const message = {
    delivery: headers["x-github-delivery"],
    event: headers["x-github-event"],
    received_at: new Date().toISOString(),
    repository: repository.id,
    body: deflateSync(raw).toString("base64"),
  };
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: DELIVERIES_QUEUE_URL,
      MessageBody: JSON.stringify(message),
      MessageGroupId: `github.${installation.id}.${repository.id}`,
    }),
  );
  return answer(202, "accepted");
}

function answer(statusCode, detail) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify({ detail }) };
}

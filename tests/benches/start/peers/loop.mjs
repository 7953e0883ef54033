// Hands every event to the module that is named. Node's own runtime client has to be compiled by its installer, so this asks the Runtime
// API by itself, with nothing but what Node brings along: less than any real function does.
import { Agent, request } from "node:http";

const { handle } = await import(process.argv[2]);
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, url, body) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ id: response.headers["lambda-runtime-aws-request-id"], body: Buffer.concat(chunks) }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

for (;;) {
  const { id, body } = await call("GET", `${api}/next`);
  const answer = await handle(JSON.parse(body));
  await call("POST", `${api}/${id}/response`, JSON.stringify(answer));
}

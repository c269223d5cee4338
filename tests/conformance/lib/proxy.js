import http from "node:http";
import https from "node:https";
import { buffer } from "node:stream/consumers";

const patience = 30_000;

/**
 * A proxy that passes everything on to `target`. `request` may change what goes on, `response` sees and may change what comes back.
 * With `tls` it is an https server.
 */
export async function startProxy(target, { tls, request = () => {}, response = () => {} } = {}) {
  const agent = new http.Agent({ keepAlive: true });
  const server = (tls ? https : http).createServer(tls ?? {}, (incoming, outgoing) => {
    pass(incoming, new URL(target), agent, request, response).then(
      (answer) => outgoing.writeHead(answer.status, answer.headers).end(answer.body),
      (error) => outgoing.writeHead(502, { "content-type": "text/plain" }).end(`The proxy of the test: ${error.message}`),
    );
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    host: `localhost:${server.address().port}`,
    address: `${tls ? "https" : "http"}://localhost:${server.address().port}`,
    stop: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

async function pass(incoming, target, agent, request, response) {
  const asked = { method: incoming.method, path: incoming.url, headers: incoming.headers, body: await buffer(incoming) };
  request(asked);
  const answer = await send(asked, target, agent);
  await response(answer, asked);
  return answer;
}

function send({ method, path, headers, body }, target, agent) {
  return new Promise((resolve, reject) => {
    const { connection, "transfer-encoding": chunked, ...kept } = headers;
    const outgoing = http.request({
      agent,
      method,
      hostname: target.hostname,
      port: target.port,
      path: target.pathname.replace(/\/$/, "") + path,
      headers: { ...kept, host: target.host, ...(chunked ? { "content-length": body.length } : {}) },
      timeout: patience,
    });
    outgoing.once("timeout", () => outgoing.destroy(new Error("no answer in time")));
    outgoing.once("error", reject);
    outgoing.once("response", async (incoming) => {
      try {
        const { connection: _, "keep-alive": __, "transfer-encoding": ___, ...headersBack } = incoming.headers;
        resolve({ status: incoming.statusCode, headers: headersBack, body: await buffer(incoming) });
      } catch (error) {
        reject(error);
      }
    });
    outgoing.end(body);
  });
}

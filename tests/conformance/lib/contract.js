import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { operationFinder } from "./description.js";
import { freePorts } from "./ports.js";
import { start } from "./processes.js";
import { startProxy } from "./proxy.js";

const prism = createRequire(import.meta.url).resolve("@stoplight/prism-cli/dist/index.js");

/**
 * Holds all that passes between a client and `target` to GitHub's description: client, front, Prism, back, target.
 * Prism names what it finds in a header of the answer; the front takes it off and remembers it. (Its `--errors` would answer in the
 * target's place, and only for what it calls an error.) The back is where a control may break an answer.
 */
export async function startContract(description, target, prefix) {
  const find = operationFinder(description);
  const folder = await mkdtemp(join(tmpdir(), "token-broker-conformance-"));
  const document = join(folder, "description.json");
  await writeFile(document, JSON.stringify(description));

  let exchanges = [];
  let breaking = () => {};
  const back = await startProxy(target, { response: (answer) => breaking(answer) });
  const [port] = await freePorts(1);
  const validator = await start(process.execPath, [prism, "proxy", document, back.address + prefix, "--port", String(port), "--cors", "false"], {
    ready: /Prism is listening/,
  });
  const front = await startProxy(`http://127.0.0.1:${port}`, {
    request(asked) {
      if (!asked.path.startsWith(`${prefix}/`)) throw new Error(`${asked.path} is not below ${prefix}.`);
      asked.path = asked.path.slice(prefix.length);
      // Links must lead back here, or what follows them would go round the check.
      Object.assign(asked.headers, { "x-forwarded-host": asked.headers.host, "x-forwarded-proto": "http" });
    },
    response(answer, asked) {
      const { "sl-violations": found, ...headers } = answer.headers;
      answer.headers = headers;
      exchanges.push({
        operation: find(asked.method, asked.path) ?? `${asked.method} ${asked.path}, which the description has not`,
        status: answer.status,
        violations: violationsOf(found, answer.status),
      });
    },
  });

  return {
    address: front.address + prefix,
    exchanges: () => exchanges,
    violations: () => exchanges.flatMap(({ operation, status, violations }) => violations.map((one) => `${operation}, ${status}: ${one}`)),
    /** What passes while `action` runs, with every answer that is JSON broken by `change`; it does not count. */
    async apart(action, change = () => {}) {
      const counted = exchanges;
      exchanges = [];
      breaking = (answer) => breakJson(answer, change);
      try {
        await action();
        return exchanges;
      } finally {
        exchanges = counted;
        breaking = () => {};
      }
    },
    async stop() {
      await front.stop();
      await validator.stop();
      await back.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Only answers that succeed are held to the contract: the broker's errors have more in them than GitHub's, on purpose. */
function violationsOf(header, status) {
  if (!header) return [];
  let found;
  try {
    found = JSON.parse(header);
  } catch {
    return [header];
  }
  return found
    .filter(({ location }) => location[0] === "request" || status < 400)
    .map(({ location, message, code }) => `${location.join(".")}: ${message ?? code}`);
}

function breakJson(answer, change) {
  if (!/json/.test(answer.headers["content-type"] ?? "")) return;
  const json = JSON.parse(answer.body);
  change(json, answer);
  answer.body = Buffer.from(JSON.stringify(json));
  answer.headers["content-length"] = String(answer.body.length);
}

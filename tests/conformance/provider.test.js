import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { blocksOf } from "./lib/documentation.js";
import { run } from "./lib/processes.js";
import { startProvider } from "./lib/provider.js";
import { startSandbox } from "./lib/sandbox.js";

const resource = "https://broker.example";
const clients = ["runner-1", "runner-2", "reports"].map((id) => ({ id, secret: `${id}-secret` }));
const path = "/orgs/octo-org/actions/runners/registration-token";
const blocks = blocksOf("callers.md").filter(({ heading }) => heading === "Another OpenID provider");
const codeOf = (language) => blocks.find((block) => block.language === language).code;

let provider;
let sandbox;
before(async () => {
  provider = await startProvider({ resource, clients });
  const recipe = JSON.parse(codeOf("jsonc"));
  Object.assign(recipe.Authentication.Issuers.provider, { Authority: provider.issuer, RequireHttpsMetadata: false });
  sandbox = await startSandbox({ settings: recipe });
});
after(async () => {
  await sandbox?.stop();
  await provider?.stop();
});

/** By the line of the page. */
async function get(id, { from = resource } = {}) {
  const line = codeOf("bash").replace("https://login.example", provider.issuer).replace(resource, from);
  const { code, output, errors } = await run("bash", ["-eu", "-o", "pipefail"], {
    environment: { CLIENT_ID: id, CLIENT_SECRET: `${id}-secret` },
    input: `${line}printf %s "$JWT"`,
  });
  assert.equal(code, 0, errors);
  return output;
}

const ask = (jwt) => fetch(sandbox.broker + path, { method: "POST", headers: { authorization: `Bearer ${jwt}` }, signal: AbortSignal.timeout(20_000) });
const headerOf = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[0], "base64url"));

async function isRefused(jwt, status, words) {
  const answer = await ask(jwt);
  const body = await answer.text();
  assert.equal(answer.status, status, body);
  assert.match(body, words);
}

test("oidc-provider: its access token is accepted, and the client is the caller", async () => {
  const jwt = await get("runner-1");
  assert.equal(headerOf(jwt).typ, "at+jwt");
  assert.equal((await ask(jwt)).status, 201);
  const caller = await fetch(`${sandbox.broker}/caller`, { headers: { authorization: `Bearer ${jwt}` }, signal: AbortSignal.timeout(20_000) });
  const { issuer, caller_id, policies } = await caller.json();
  assert.deepEqual([issuer, caller_id, policies.map(({ name }) => name)], ["provider", "runner-1", ["provider-machines"]]);
});

test("oidc-provider: near misses are refused", async () => {
  await isRefused(await get("reports"), 403, /policy-denied/);
  await isRefused(await get("runner-1", { from: "https://api.example/jwt" }), 401, /wrong audience/);
  await isRefused(await get("runner-1", { from: "https://api.example/opaque" }), 401, /not valid/);
});

test("oidc-provider: its keys are rotated while callers go on, and none is refused", { timeout: 90_000 }, async () => {
  const first = await get("runner-1");
  const statuses = [];
  let going = true;
  const callers = ["runner-1", "runner-2"].map(async (id) => {
    while (going) {
      const jwt = await get(id);
      statuses.push((await ask(jwt)).status, (await ask(jwt)).status);
    }
  });

  provider.rotate();
  const second = await get("runner-1");
  assert.notEqual(headerOf(second).kid, headerOf(first).kid);
  for (const jwt of [second, first]) assert.equal((await ask(jwt)).status, 201);

  // The broker fetches an unknown key once in ten seconds at most.
  await wait(11_000);
  provider.rotate();
  const third = await get("runner-2");
  for (const jwt of [third, second]) assert.equal((await ask(jwt)).status, 201);
  going = false;
  await Promise.all(callers);

  assert.ok(statuses.length >= 20, `${statuses.length} requests`);
  assert.deepEqual([...new Set(statuses)], [201]);

  // A key that is no longer known may be one that is not known yet: 503 until the broker may ask again.
  await wait(11_000);
  assert.ok(Date.now() < 1000 * JSON.parse(Buffer.from(first.split(".")[1], "base64url")).exp);
  await isRefused(first, 401, /bad signature/);
});

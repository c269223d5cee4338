import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { run } from "./lib/processes.js";
import { prefixes, scopes } from "./lib/scopes.js";
import { startSandbox } from "./lib/sandbox.js";

let sandbox;
before(async () => (sandbox = await startSandbox()));
after(() => sandbox?.stop());

/** How the scripts of runner images and the runner itself show their token. */
const callers = {
  "a runner image's script": (jwt) => ["-H", `Authorization: token ${jwt}`, "-H", "Accept: application/vnd.github.v3+json"],
  "a script with a preview type": (jwt) => ["-H", `Authorization: Bearer ${jwt}`, "-H", "Accept: application/vnd.github.everest-preview+json"],
  "the runner's own form": (jwt) => [
    ...["-H", `Authorization: basic ${Buffer.from(`github:${jwt}`).toString("base64")}`],
    ...["-H", "Accept: application/vnd.github.v3+json", "-H", "Content-Type: text/plain; charset=utf-8", "-d", ""],
  ],
  "curl's own Basic": (jwt) => ["-u", `github:${jwt}`],
};

for (const prefix of prefixes) {
  for (const { form, path } of scopes) {
    for (const [caller, headers] of Object.entries(callers)) {
      test(`curl, ${caller}, ${form}, base ${prefix || "/"}: the two tokens`, async () => {
        for (const kind of ["registration-token", "remove-token"]) {
          const { code, output, errors } = await run("curl", ["-fsS", "-X", "POST", ...headers(sandbox.jwt), `${sandbox.broker}${prefix}${path}/actions/runners/${kind}`]);
          assert.equal(code, 0, errors);
          const { token, expires_at } = JSON.parse(output);
          assert.match(token, /^\S+$/);
          assert.ok(Date.parse(expires_at) > Date.now());
        }
      });
    }
  }
}

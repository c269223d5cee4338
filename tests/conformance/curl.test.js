import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { run } from "./lib/processes.js";
import { prefixes, scopes } from "./lib/scopes.js";
import { startSandbox } from "./lib/sandbox.js";

let sandbox;
before(async () => (sandbox = await startSandbox()));
after(() => sandbox?.stop());

const terraform = (jwt) => [
  ...["-H", `Authorization: Bearer ${jwt}`],
  ...["-H", "Accept: application/vnd.github.v3+json, application/vnd.github.jean-grey-preview+json"],
];

/** How clients that are not run here show their token: headers as they send them. */
const callers = {
  "a runner image's script": (jwt) => ["-H", `Authorization: token ${jwt}`, "-H", "Accept: application/vnd.github.v3+json"],
  "a script with a preview type": (jwt) => ["-H", `Authorization: Bearer ${jwt}`, "-H", "Accept: application/vnd.github.everest-preview+json"],
  "the runner's own form": (jwt) => [
    ...["-H", `Authorization: basic ${Buffer.from(`github:${jwt}`).toString("base64")}`],
    ...["-H", "Accept: application/vnd.github.v3+json", "-H", "Content-Type: text/plain; charset=utf-8", "-d", ""],
  ],
  "Terraform's provider": terraform,
  "curl's own Basic": (jwt) => ["-u", `github:${jwt}`],
};

for (const prefix of prefixes) {
  for (const { form, path } of scopes) {
    for (const [caller, headers] of Object.entries(callers)) {
      test(`curl, ${caller}, ${form}, base ${prefix || "/"}: the two tokens`, async () => {
        for (const kind of ["registration-token", "remove-token"]) {
          const address = `${sandbox.broker}${prefix}${path}/actions/runners/${kind}`;
          const { code, output, errors } = await run("curl", ["-fsS", "-X", "POST", ...headers(sandbox.jwt), address]);
          assert.equal(code, 0, errors);
          const { token, expires_at } = JSON.parse(output);
          assert.match(token, /^\S+$/);
          assert.ok(Date.parse(expires_at) > Date.now());
        }
      });
    }
  }
}

test("curl, Terraform's provider: the owner, whom it asks for first", async () => {
  const { code, output, errors } = await run("curl", ["-fsS", ...terraform(sandbox.jwt), `${sandbox.broker}/api/v3/users/octo-org`]);
  assert.equal(code, 0, errors);
  const { login, id, type } = JSON.parse(output);
  assert.deepEqual([login, typeof id, type], ["octo-org", "number", "Organization"]);
});

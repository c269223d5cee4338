import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Octokit as Core } from "@octokit/core";
import { Octokit as Rest } from "@octokit/rest";
import { prefixes, scopes } from "./lib/scopes.js";
import { startSandbox } from "./lib/sandbox.js";

let sandbox;
before(async () => (sandbox = await startSandbox()));
after(() => sandbox?.stop());

const clientOf = (Octokit, prefix, auth = sandbox.jwt) => new Octokit({ baseUrl: sandbox.broker + prefix, auth, log: { debug() {}, info() {}, warn() {}, error() {} } });

for (const prefix of prefixes) {
  for (const { form, template, parameters } of scopes) {
    for (const Octokit of [Core, Rest]) {
      const where = `${Octokit === Core ? "@octokit/core" : "@octokit/rest"}, ${form}, base ${prefix || "/"}`;

      test(`${where}: the two tokens`, async () => {
        for (const kind of ["registration-token", "remove-token"]) {
          const { status, data } = await clientOf(Octokit, prefix).request(`POST ${template}/actions/runners/${kind}`, parameters);
          assert.equal(status, 201);
          assert.match(data.token, /^\S+$/);
          assert.ok(Date.parse(data.expires_at) > Date.now());
        }
      });
    }
  }
}

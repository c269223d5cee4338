import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Octokit } from "@octokit/rest";
import { startContract } from "./lib/contract.js";
import { cutDescription, newestServer } from "./lib/description.js";
import { clientOf } from "./lib/octokit.js";
import { operations } from "./lib/operations.js";
import { startSandbox } from "./lib/sandbox.js";
import { scopes } from "./lib/scopes.js";

/** GitHub Enterprise Server has no deprecations; octokit.test.js asks for them without a description. */
const isNotOnServer = (operation) => operation.endsWith("/deprecations/{version}");

/**
 * What the broker asks of GitHub beside what callers ask of it. GET /users/{owner} is not here: the broker answers it from the installation,
 * with the three members that clients read where GitHub has thirty. octokit.test.js and curl.test.js ask for it.
 */
const ownRequests = ["GET /repos/{owner}/{repo}/installation", "GET /orgs/{org}/installation", "POST /app/installations/{installation_id}/access_tokens"];

for (const [name, prefix] of [["ghec", ""], [newestServer(), "/api/v3"]]) {
  describe(`contract ${name}`, () => {
    const description = cutDescription(name);
    const isServer = name !== "ghec";
    const expected = scopes
      .flatMap((scope) => operations.map((operation) => operation.in(scope)))
      .filter((operation) => !(isServer && isNotOnServer(operation)));
    let sandbox;
    let clientSide;
    let gitHubSide;
    let client;

    before(async () => {
      sandbox = await startSandbox({
        behind: async (gitHub) => {
          gitHubSide = await startContract(description, gitHub, prefix);
          return gitHubSide.address;
        },
      });
      clientSide = await startContract(description, sandbox.broker, prefix);
      client = clientOf(Octokit, clientSide.address, sandbox.jwt);
    });

    after(async () => {
      await clientSide?.stop();
      await sandbox?.stop();
      await gitHubSide?.stop();
    });

    for (const scope of scopes) {
      for (const operation of operations) {
        if (expected.includes(operation.in(scope))) test(`${scope.form}: ${operation.name}`, () => operation.exercise(client, scope));
      }

      test(`${scope.form}: every page of a list, by its links`, async () => {
        const before = clientSide.exchanges().length;
        const runners = await client.paginate(`GET ${scope.template}/actions/runners`, { ...scope.parameters, per_page: 1 });
        assert.ok(runners.length > 3);
        assert.equal(clientSide.exchanges().length - before, runners.length, "A link led past the check.");
      });
    }

    // The first request for an owner looks its installation up; here it is an organization's.
    test("another organization", async () => {
      assert.equal((await client.request("POST /orgs/octo-two/actions/runners/registration-token")).status, 201);
    });

    test("every operation passed on both sides, and nothing was wrong", (t) => {
      for (const [side, needed] of [[clientSide, expected], [gitHubSide, [...expected, ...ownRequests]]]) {
        assert.deepEqual(side.violations(), []);
        assert.deepEqual(side.exchanges().filter(({ status }) => status >= 300), []);
        const passed = new Set(side.exchanges().map(({ operation }) => operation));
        assert.deepEqual(needed.filter((operation) => !passed.has(operation)), []);
      }
      t.diagnostic(
        `contract ${name}: ${clientSide.exchanges().length} exchanges client-broker, ${gitHubSide.exchanges().length} broker-GitHub, 0 violations`,
      );
    });

    describe("would see", () => {
      const post = (address, path, body) =>
        fetch(address + path, { method: "POST", body, headers: { authorization: `Bearer ${sandbox.jwt}`, "content-type": "application/json" } });
      const sees = (exchanges, operation, violation) =>
        assert.ok(exchanges.some((one) => one.operation === operation && one.violations.some((text) => violation.test(text))), JSON.stringify(exchanges));

      test("an answer of the broker without a member", async () =>
        sees(
          await clientSide.apart(() => post(clientSide.address, "/orgs/octo-org/actions/runners/remove-token"), (json) => delete json.expires_at),
          "POST /orgs/{org}/actions/runners/remove-token",
          /^response.*expires_at/,
        ));

      test("an answer of the broker with another status", async () =>
        sees(
          await clientSide.apart(() => post(clientSide.address, "/orgs/octo-org/actions/runners/remove-token"), (_, answer) => (answer.status = 200)),
          "POST /orgs/{org}/actions/runners/remove-token",
          /^response.*status/,
        ));

      test("a request to the broker without a member", async () =>
        sees(
          await clientSide.apart(() => post(clientSide.address, "/orgs/octo-org/actions/runners/generate-jitconfig", '{"name":"vm-1","runner_group_id":1}')),
          "POST /orgs/{org}/actions/runners/generate-jitconfig",
          /^request.*labels/,
        ));

      test("an answer of GitHub with a member of another type", async () =>
        sees(
          await gitHubSide.apart(() => client.request("GET /orgs/octo-org/actions/runners").catch(() => {}), (json) => (json.total_count = "3")),
          "GET /orgs/{org}/actions/runners",
          /^response.*total_count/,
        ));

      test("a request to GitHub that the description has not", async () =>
        sees(
          await gitHubSide.apart(() => post(gitHubSide.address, "/orgs/octo-org/actions/runners/unknown")),
          "POST /orgs/octo-org/actions/runners/unknown, which the description has not",
          /^request.*not found/,
        ));
    });
  });
}

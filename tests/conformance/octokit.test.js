import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Octokit as Core } from "@octokit/core";
import { Octokit as Rest } from "@octokit/rest";
import { clientOf } from "./lib/octokit.js";
import { namesOf, operations } from "./lib/operations.js";
import { startSandbox } from "./lib/sandbox.js";
import { prefixes, scopes } from "./lib/scopes.js";

const [repository, organization] = scopes;

/** The methods by which programs call it; there are none for enterprises. */
const methods = [
  [repository, "Repo"],
  [organization, "Org"],
].map(([scope, suffix]) => ({
  ...scope,
  register: `createRegistrationTokenFor${suffix}`,
  leave: `createRemoveTokenFor${suffix}`,
  list: `listSelfHostedRunnersFor${suffix}`,
  remove: `deleteSelfHostedRunnerFrom${suffix}`,
  configure: `generateRunnerJitconfigFor${suffix}`,
}));

let sandbox;
before(async () => (sandbox = await startSandbox()));
after(() => sandbox?.stop());

const connect = (Octokit, prefix, jwt = sandbox.jwt) => clientOf(Octokit, sandbox.broker + prefix, jwt);

for (const prefix of prefixes) {
  for (const [Octokit, name] of [[Core, "@octokit/core"], [Rest, "@octokit/rest"]]) {
    describe(`${name}, base ${prefix || "/"}`, () => {
      for (const scope of scopes) {
        for (const operation of operations) test(`${scope.form}: ${operation.name}`, () => operation.exercise(connect(Octokit, prefix), scope));
      }
    });
  }

  describe(`@octokit/rest, base ${prefix || "/"}, by its methods`, () => {
    for (const { form, parameters, register, leave, list, remove, configure } of methods) {
      test(`${form}: the two tokens`, async () => {
        const { actions } = connect(Rest, prefix);
        for (const method of [register, leave]) assert.match((await actions[method](parameters)).data.token, /^\S+$/);
      });

      test(`${form}: a runner comes and goes, and every page of the list is read`, async () => {
        const octokit = connect(Rest, prefix);
        const name = `vm-rest-${form}${prefix && "-v3"}`;
        const { data } = await octokit.actions[configure]({ ...parameters, name, runner_group_id: 1, labels: ["build"] });
        const pages = [];
        for await (const page of octokit.paginate.iterator(octokit.actions[list], { ...parameters, per_page: 1 })) pages.push(page);
        const runners = await octokit.paginate(octokit.actions[list], { ...parameters, per_page: 2 });
        assert.ok(runners.length > 3);
        assert.equal(runners.length, pages.length);
        assert.equal(new Set(namesOf(runners)).size, pages[0].data.total_count);
        assert.ok(namesOf(runners).includes(data.runner.name));
        for (const { url } of pages) assert.ok(url.startsWith(sandbox.broker + prefix), url);

        assert.equal((await octokit.actions[remove]({ ...parameters, runner_id: data.runner.id })).status, 204);
        assert.ok(!namesOf(await octokit.paginate(octokit.actions[list], parameters)).includes(data.runner.name));
      });
    }

    test("the owner, whom Terraform's provider asks for first", async () => {
      const { data } = await connect(Rest, prefix).users.getByUsername({ username: "octo-org" });
      assert.equal(data.login, "octo-org");
      assert.equal(data.type, "Organization");
      assert.ok(Number.isInteger(data.id));
    });
  });
}

describe("what octokit shows of a failure", () => {
  const runners = "/orgs/octo-org/actions/runners";
  const failureOf = async (request, parameters, auth) => {
    const error = await connect(Core, "", auth).request(request, parameters).then(
      () => assert.fail("It did not fail."),
      (error) => error,
    );
    const { data, headers } = error.response;
    assert.equal(headers["content-type"], "application/json; charset=utf-8");
    for (const member of ["type", "title", "detail", "message", "documentation_url"]) assert.equal(typeof data[member], "string", member);
    assert.equal(data.status, error.status);
    assert.ok(headers["x-request-id"]);
    assert.ok(error.message.startsWith(data.message), error.message);
    return { status: error.status, data, headers };
  };
  const kindOf = ({ type }) => type.split(/[/#:]/).at(-1);

  test("no JWT", async () => {
    const { status, headers } = await failureOf(`POST ${runners}/registration-token`, {}, "none");
    assert.equal(status, 401);
    assert.match(headers["www-authenticate"], /^Bearer/);
  });

  test("a JWT that has expired", async () => {
    const hourAgo = Math.floor(Date.now() / 1000) - 3600;
    const jwt = await sandbox.sign({ sub: "conformance-1", exp: hourAgo, nbf: hourAgo - 60, iat: hourAgo - 60 });
    const { status, headers } = await failureOf(`POST ${runners}/registration-token`, {}, jwt);
    assert.equal(status, 401);
    assert.match(headers["www-authenticate"], /expired/);
  });

  test("a scope that no policy allows", async () => {
    const { status, data } = await failureOf("POST /orgs/octo-three/actions/runners/registration-token");
    assert.equal(status, 403);
    assert.equal(kindOf(data), "policy-denied");
  });

  test("a repository that is not there", async () => {
    const { status, data } = await failureOf("POST /repos/octo-org/none/actions/runners/registration-token");
    assert.equal(status, 404);
    assert.equal(kindOf(data), "not-installed");
  });

  test("a name that cannot be", async () => {
    const { status, data } = await failureOf("POST /repos/octo-org/hello.git/actions/runners/registration-token");
    assert.equal(status, 400);
    assert.deepEqual(data.errors.map(({ field, code, message }) => [field, code, typeof message]), [["repo", "invalid", "string"]]);
  });

  test("a runner that is not there", async () => {
    const { status, data } = await failureOf(`GET ${runners}/4040404`);
    assert.equal(status, 404);
    assert.equal(kindOf(data), "unknown-runner");
  });

  test("a body without a member", async () => {
    const { status, data } = await failureOf(`POST ${runners}/generate-jitconfig`, { runner_group_id: 1, labels: ["build"] });
    assert.equal(status, 422);
    assert.deepEqual(data.errors.map(({ field }) => field), ["name"]);
  });

  test("a runner's name that no policy allows", async () => {
    const { status, data } = await failureOf(`POST ${runners}/generate-jitconfig`, { name: "other", runner_group_id: 1, labels: ["build"] });
    assert.equal(status, 403);
    assert.equal(kindOf(data), "runner-not-allowed");
  });

  test("a runner's name that is taken", async () => {
    const body = { name: "vm-taken", runner_group_id: 1, labels: ["build"] };
    await connect(Core, "").request(`POST ${runners}/generate-jitconfig`, body);
    const { status, data } = await failureOf(`POST ${runners}/generate-jitconfig`, body);
    assert.equal(status, 409);
    assert.equal(kindOf(data), "name-taken");
  });

  test("a list that has not changed", async () => {
    const { headers } = await connect(Core, "").request(`GET ${runners}`);
    const again = connect(Core, "").request(`GET ${runners}`, { headers: { "if-none-match": headers.etag } });
    await assert.rejects(again, { status: 304 });
  });
});

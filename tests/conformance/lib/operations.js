import assert from "node:assert/strict";

let lastRunner = 0;

/** A runner of its own for each use: made as a machine makes it, for one job. */
export async function createRunner(client, { template, parameters }, labels = ["build"]) {
  const name = `vm-${process.pid}-${++lastRunner}`;
  const { status, data } = await client.request(`POST ${template}/actions/runners/generate-jitconfig`, { ...parameters, name, runner_group_id: 1, labels });
  assert.equal(status, 201);
  assert.equal(data.runner.name, name);
  assert.match(data.encoded_jit_config, /^\S+$/);
  return data.runner;
}

/** Every operation on the runners of a scope: the table of the design, and what a client asks and expects. */
export const operations = [
  ["POST", "/registration-token", (ask) => ask({}, 201, (data) => assert.ok(data.token && Date.parse(data.expires_at) > Date.now()))],
  ["POST", "/remove-token", (ask) => ask({}, 201, (data) => assert.ok(data.token && Date.parse(data.expires_at) > Date.now()))],
  ["POST", "/generate-jitconfig", (ask, client, scope) => createRunner(client, scope)],
  [
    "GET",
    "",
    async (ask, client, scope) => {
      const runner = await createRunner(client, scope);
      await ask({ per_page: 1 }, 200, (data) => assert.ok(data.total_count > 1 && data.runners.length === 1));
      await ask({ name: runner.name }, 200, (data) => assert.deepEqual(namesOf(data.runners), [runner.name]));
    },
  ],
  ["GET", "/downloads", (ask) => ask({}, 200, (data) => assert.ok(data.some((one) => one.os === "linux" && one.architecture === "x64")))],
  ["GET", "/deprecations/{version}", (ask) => ask({ version: "2.328.0" }, 200, (data) => assert.equal(data.runner_version, "2.328.0"))],
  ["GET", "/{runner_id}", withRunner((ask, runner_id, runner) => ask({ runner_id }, 200, (data) => assert.equal(data.name, runner.name)))],
  ["DELETE", "/{runner_id}", withRunner((ask, runner_id) => ask({ runner_id }, 204))],
  ["GET", "/{runner_id}/labels", withRunner((ask, runner_id) => ask({ runner_id }, 200, hasLabels("build")))],
  ["POST", "/{runner_id}/labels", withRunner((ask, runner_id) => ask({ runner_id, labels: ["gpu"] }, 200, hasLabels("build", "gpu")))],
  ["PUT", "/{runner_id}/labels", withRunner((ask, runner_id) => ask({ runner_id, labels: ["gpu"] }, 200, hasLabels("gpu")))],
  ["DELETE", "/{runner_id}/labels", withRunner((ask, runner_id) => ask({ runner_id }, 200, hasLabels()))],
  ["DELETE", "/{runner_id}/labels/{name}", withRunner((ask, runner_id) => ask({ runner_id, name: "build" }, 200, hasLabels()))],
].map(([method, path, exercise]) => ({
  name: `${method} /actions/runners${path}`,
  /** As GitHub's description names it. */
  in: ({ template }) => `${method} ${template}/actions/runners${path}`,
  /** Asks it of the scope with an Octokit. */
  exercise: (client, scope) => {
    const ask = async (parameters, expected, check = () => {}) => {
      const { status, data } = await client.request(`${method} ${scope.template}/actions/runners${path}`, { ...scope.parameters, ...parameters });
      assert.equal(status, expected);
      check(data);
    };
    return exercise(ask, client, scope);
  },
}));

export const namesOf = (list) => list.map(({ name }) => name);

function withRunner(exercise) {
  return async (ask, client, scope) => {
    const runner = await createRunner(client, scope);
    return exercise(ask, runner.id, runner);
  };
}

/** The custom labels; the read-only ones come with every runner. */
function hasLabels(...names) {
  return (data) => {
    assert.equal(data.total_count, data.labels.length);
    assert.deepEqual(namesOf(data.labels.filter(({ type }) => type === "custom")).sort(), names);
  };
}

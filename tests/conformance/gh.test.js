import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isInstalled, run } from "./lib/processes.js";
import { startSandbox } from "./lib/sandbox.js";
import { scopes } from "./lib/scopes.js";
import { startTls } from "./lib/tls.js";

const installed = await isInstalled("gh");
const customLabels = '[.labels[] | select(.type == "custom") | .name] | sort | join(",")';

test("gh is there where it is demanded", () => assert.ok(installed || process.env.REQUIRE_GH !== "1", "REQUIRE_GH=1, and there is no gh on the PATH."));

describe("gh", { skip: !installed && "there is no gh on the PATH" }, () => {
  let sandbox;
  let tls;
  let home;
  before(async () => {
    sandbox = await startSandbox();
    tls = await startTls(sandbox.broker);
    home = await mkdtemp(join(tmpdir(), "token-broker-conformance-"));
  });
  after(async () => {
    await tls?.stop();
    await sandbox?.stop();
    if (home) await rm(home, { recursive: true });
  });

  const gh = (args) => {
    // Nothing from the user who runs this: neither a configuration nor a token.
    const nobody = { HOME: home, GH_CONFIG_DIR: home, GH_TOKEN: "", GITHUB_TOKEN: "", GH_NO_UPDATE_NOTIFIER: "1" };
    return run("gh", ["api", ...args], { environment: { ...nobody, ...tls.trust, GH_HOST: tls.host, GH_ENTERPRISE_TOKEN: sandbox.jwt } });
  };
  const answerOf = async (...args) => {
    const { code, output, errors } = await gh(args);
    assert.equal(code, 0, errors);
    return output.trim();
  };

  for (const { form, path } of scopes) {
    const runners = `${path.slice(1)}/actions/runners`;

    test(`${form}: the two tokens`, async () => {
      for (const kind of ["registration-token", "remove-token"]) {
        assert.match(await answerOf("-X", "POST", `${runners}/${kind}`, "--jq", ".token"), /^\S+$/);
      }
    });

    test(`${form}: a list, page by page, to its end`, async () => {
      const total = Number(await answerOf(`${runners}?per_page=1`, "--jq", ".total_count"));
      const names = (await answerOf("--paginate", `${runners}?per_page=1`, "--jq", ".runners[].name")).split("\n");
      assert.ok(total > 2);
      assert.equal(new Set(names).size, total);
    });

    test(`${form}: a runner made, labelled, read and deleted`, async () => {
      const name = `vm-gh-${form}`;
      const members = ["-f", `name=${name}`, "-F", "runner_group_id=1", "-f", "labels[]=build"];
      const id = await answerOf(`${runners}/generate-jitconfig`, ...members, "--jq", ".runner.id");
      assert.equal(await answerOf(`${runners}/${id}/labels`, "-f", "labels[]=gpu", "--jq", customLabels), "build,gpu");
      assert.equal(await answerOf("-X", "DELETE", `${runners}/${id}/labels/gpu`, "--jq", customLabels), "build");
      assert.equal(await answerOf(`${runners}/${id}`, "--jq", ".name"), name);
      assert.equal(await answerOf("-X", "DELETE", `${runners}/${id}`), "");
      const gone = await gh([`${runners}/${id}`]);
      assert.equal(gone.code, 1);
      assert.match(gone.errors, /HTTP 404/);
    });
  }

  test("a refusal is shown with its reason", async () => {
    const { code, errors } = await gh(["-X", "POST", "orgs/octo-three/actions/runners/registration-token"]);
    assert.equal(code, 1);
    assert.match(errors, /No policy allows this caller .*\(HTTP 403\)/);
  });
});

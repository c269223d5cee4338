import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { blocksOf } from "./lib/documentation.js";
import { isInstalled, run } from "./lib/processes.js";
import { startSandbox } from "./lib/sandbox.js";
import { startTls } from "./lib/tls.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const hasGh = await isInstalled("gh");

/** What the blocks of docs/clients.md print, in their order; null is not run. */
const expected = [
  ["curl", /^\{"token":"\S+","expires_at":"\S+"/],
  ["curl", /^\S+$/],
  ["The runner", /^--unattended --url https:\/\/github\.com\/octo-org --token \S+\nremove --token \S+\n$/],
  ["The runner", /^--jitconfig \S+\n$/],
  ["gh", /^\S+\n(\d+ \S+ (online|offline)\n){3,}$/],
  ["Octokit", /^20\S+Z? \d+\n$/],
  ["Terraform", null],
];
const blocks = blocksOf("clients.md");

let sandbox;
let tls;
let folder;
before(async () => {
  sandbox = await startSandbox();
  tls = await startTls(sandbox.broker);
  folder = await mkdtemp(join(tmpdir(), "token-broker-conformance-"));
  for (const script of ["config.sh", "run.sh"]) {
    await writeFile(join(folder, script), '#!/bin/sh\necho "$@"\n');
    await chmod(join(folder, script), 0o755);
  }
});
after(async () => {
  await tls?.stop();
  await sandbox?.stop();
  if (folder) await rm(folder, { recursive: true });
});

test("every block is known", () => assert.deepEqual(blocks.map(({ heading }) => heading), expected.map(([heading]) => heading)));

blocks.forEach(({ heading, language, code }, index) => {
  const [, output] = expected[index] ?? [];
  if (!output) return;
  const reason = heading === "gh" && !hasGh && "there is no gh on the PATH";
  test(`docs/clients.md, ${heading}, block ${index + 1}`, { skip: reason }, async () => {
    const environment = { ...tls.trust, JWT: sandbox.jwt, HOME: folder, GH_TOKEN: "", GITHUB_TOKEN: "", GH_NO_UPDATE_NOTIFIER: "1" };
    const input = code.replaceAll("broker.example", tls.host);
    const [command, args, cwd] = language === "js" ? [process.execPath, ["--input-type=module"], here] : ["bash", ["-eu", "-o", "pipefail"], folder];
    const answer = await run(command, args, { environment, input, cwd });
    assert.equal(answer.code, 0, answer.errors);
    assert.match(answer.output, output);
  });
});

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import Ajv from "ajv";
import { run } from "./lib/processes.js";

const root = new URL("../../", import.meta.url);
const program = fileURLToPath(new URL("src/TokenBroker.Sandbox/bin/Debug/net10.0/TokenBroker.dll", root));
const read = (path) => readFile(new URL(path, root), "utf8");

/** JSON with comments and commas before an end, as the broker reads it. */
const parse = (text) =>
  JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*/g, (part) => (part[0] === '"' ? part : "")).replace(/,(?=\s*[}\]])/g, ""));

const schema = parse(await read("src/TokenBroker/configuration.schema.json"));
const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(schema);
const faultsOf = (configuration) => (validate(configuration) ? [] : validate.errors.map(({ instancePath, message, params }) => `${instancePath} ${message} ${Object.values(params)}`));

const pages = ["README.md", ...(await readdir(new URL("docs", root))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
const blocks = [];
for (const page of pages) {
  for (const [, code] of (await read(page)).matchAll(/^```jsonc\n(.*?)^```$/gms)) blocks.push({ page, configuration: parse(code) });
}

const sound = () => {
  const [first, second, redis] = ['"gce-runners"', '"gpu-machines"', '"RedisPath"'].map((part) => blocks.find(({ configuration }) => JSON.stringify(configuration).includes(part)).configuration);
  const whole = structuredClone({ ...first, ...redis });
  Object.assign(whole.Authorization.Policies, structuredClone(second.Authorization.Policies));
  return whole;
};

let folder;
before(async () => (folder = await mkdtemp(join(tmpdir(), "token-broker-conformance-"))));
after(() => folder && rm(folder, { recursive: true }));

test("the schema knows every configuration in the documentation", () => {
  assert.ok(blocks.length >= 3, "the documentation has configurations");
  for (const { page, configuration } of blocks) assert.deepEqual(faultsOf(configuration), [], `${page}: ${JSON.stringify(configuration)}`);
});

test("the schema knows the configurations that are shipped", async () => {
  for (const path of ["src/TokenBroker/appsettings.json", "compose/sandbox.json"]) assert.deepEqual(faultsOf(parse(await read(path))), [], path);
  assert.deepEqual(faultsOf(sound()), []);
});

const issuer = (configuration) => configuration.Authentication.Issuers.gce;
const policy = (configuration) => configuration.Authorization.Policies["gce-runners"];
const runners = (configuration) => configuration.Authorization.Policies["gpu-machines"].Runners;

/** Each is refused by the schema and by the broker: what is wrong, how it gets so, and the key that the broker names. */
const faulty = [
  ["an unknown key", (it) => (it.GitHub.AppId = "1"), "GitHub:AppId"],
  ["an unknown key of an issuer", (it) => (issuer(it).Audience = "x"), "Authentication:Issuers:gce:Audience"],
  ["an unknown key of a list's entry", (it) => (policy(it).Claims[0].Match = []), "Authorization:Policies:gce-runners:Claims:0:Match"],
  ["a number that is not one", (it) => (it.GitHub.MaxConcurrentRequests = "many"), "GitHub:MaxConcurrentRequests"],
  ["a number that is too large", (it) => (it.GitHub.MaxConcurrentRequests = 101), "GitHub:MaxConcurrentRequests"],
  ["a boolean that is not one", (it) => (it.GitHub.RequireHttps = "perhaps"), "GitHub:RequireHttps"],
  ["a time that is not one", (it) => (issuer(it).MaximumTokenAge = "soon"), "Authentication:Issuers:gce:MaximumTokenAge"],
  ["a list that is a value", (it) => (issuer(it).Audiences = "https://broker.example"), "Authentication:Issuers:gce:Audiences"],
  ["no audience", (it) => delete issuer(it).Audiences, "Authentication:Issuers:gce:Audiences"],
  ["two places of keys", (it) => Object.assign(issuer(it), { JwksUri: "https://keys.example", Issuer: "x" }), "Authentication:Issuers:gce"],
  ["no place of keys", (it) => delete issuer(it).Authority, "Authentication:Issuers:gce"],
  ["a key set without its issuer", (it) => Object.assign(issuer(it), { Authority: undefined, JwksUri: "https://keys.example" }), "Authentication:Issuers:gce:Issuer"],
  ["no issuer at all", (it) => (it.Authentication.Issuers = {}), "Authentication:Issuers"],
  ["a policy without an issuer", (it) => delete policy(it).Issuer, "Authorization:Policies:gce-runners:Issuer"],
  ["a policy without claims", (it) => delete policy(it).Claims, "Authorization:Policies:gce-runners:Claims"],
  ["a claim without a name", (it) => delete policy(it).Claims[0].Claim, "Authorization:Policies:gce-runners:Claims:0:Claim"],
  ["a claim without values", (it) => (policy(it).Claims[0].Matches = []), "Authorization:Policies:gce-runners:Claims:0:Matches"],
  ["an age without a claim", (it) => (policy(it).MaximumClaimAge = { Age: "00:15:00" }), "Authorization:Policies:gce-runners:MaximumClaimAge:Claim"],
  ["a scope of no form", (it) => (policy(it).Scopes = ["users/octocat"]), "Authorization:Policies:gce-runners:Scopes:0"],
  ["an operation that there is not", (it) => (policy(it).Operations = ["registration"]), "Authorization:Policies:gce-runners:Operations:0"],
  ["an operation without its bounds", (it) => policy(it).Operations.push("jitconfig"), "Authorization:Policies:gce-runners:Runners:Names"],
  ["bounds without names", (it) => delete runners(it).Names, "Authorization:Policies:gpu-machines:Runners:Names"],
  ["a runner group that does not exist", (it) => (runners(it).GroupIds = [0]), "Authorization:Policies:gpu-machines:Runners:GroupIds:0"],
  ["a key and a file of it", (it) => (it.GitHub.App.PrivateKey = "x"), "GitHub:App:PrivateKey"],
  ["Redis twice", (it) => (it.ConnectionStrings.Redis = "redis:6379"), "ConnectionStrings:Redis"],
  ["encryption keys twice", (it) => (it.TokenCache.EncryptionKeys = ["x"]), "TokenCache:EncryptionKeys"],
  ["a prefix with a brace", (it) => (it.TokenCache.RedisKeyPrefix = "{x}"), "TokenCache:RedisKeyPrefix"],
  ["no generation", (it) => (it.TokenCache.Generation = 0), "TokenCache:Generation"],
  ["a rate below nothing", (it) => (it.RateLimit = { RequestsPerMinute: -1 }), "RateLimit:RequestsPerMinute"],
];
for (const [what, spoil, key] of faulty) {
  test(`schema and broker refuse ${what}`, async () => {
    const configuration = sound();
    spoil(configuration);
    const text = JSON.stringify(configuration);
    assert.notDeepEqual(faultsOf(JSON.parse(text)), []);
    const path = join(folder, "broker.json");
    await writeFile(path, text);
    const { code, output } = await run("dotnet", [program, "check", "--config", path]);
    assert.equal(code, 1);
    assert.ok(output.split("\n").some((line) => line.startsWith(`fault    ${key}: `)), output);
  });
}

test("sections of the framework stay open", () => {
  const framework = { Logging: { LogLevel: { Default: "Debug" } }, Kestrel: { Endpoints: {} }, OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", $schema: "configuration.schema.json" };
  assert.deepEqual(faultsOf({ ...sound(), ...framework }), []);
});

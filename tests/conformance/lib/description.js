import { createRequire } from "node:module";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const folder = join(dirname(createRequire(import.meta.url).resolve("@octokit/openapi/package.json")), "generated");
const methods = ["get", "put", "post", "delete", "patch", "head", "options"];

const runnerPaths = /^\/(repos\/\{owner\}\/\{repo\}|orgs\/\{org\}|enterprises\/\{enterprise\})\/actions\/runners(\/|$)/;
const appPaths = [
  "/app",
  "/app/installations",
  "/app/installations/{installation_id}/access_tokens",
  "/repos/{owner}/{repo}/installation",
  "/orgs/{org}/installation",
  "/users/{username}",
];

/** GitHub publishes one description for each version of GitHub Enterprise Server. */
export function newestServer() {
  const versions = readdirSync(folder).flatMap((file) => /^ghes-(\d+)\.(\d+)\.json$/.exec(file)?.slice(1, 3).map(Number) ?? []);
  const pairs = versions.flatMap((value, index) => (index % 2 === 0 ? [[value, versions[index + 1]]] : []));
  return `ghes-${pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]).at(-1).join(".")}`;
}

/** GitHub's description of the endpoints that a broker serves and calls, with all that they refer to and nothing else. */
export function cutDescription(name) {
  const whole = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
  correct(whole);
  const paths = Object.fromEntries(Object.entries(whole.paths).filter(([path]) => runnerPaths.test(path) || appPaths.includes(path)));
  const cut = { openapi: whole.openapi, info: whole.info, paths, components: {} };
  const pending = [paths];
  while (pending.length > 0) {
    for (const reference of referencesIn(pending.pop())) {
      const [, section, key] = /^#\/components\/([^/]+)\/([^/]+)$/.exec(reference) ?? fail(`${reference} is no component.`);
      if (cut.components[section]?.[key]) continue;
      const component = whole.components[section]?.[key] ?? fail(`${reference} leads nowhere.`);
      (cut.components[section] ??= {})[key] = component;
      pending.push(component);
    }
  }
  return cut;
}

/** Finds which operation of a description a request is: `POST /orgs/{org}/actions/runners/remove-token`. A literal part wins over a parameter. */
export function operationFinder(description) {
  const routes = Object.entries(description.paths)
    .flatMap(([path, item]) => methods.filter((method) => item[method]).map((method) => ({ method: method.toUpperCase(), path })))
    .map((route) => ({ ...route, pattern: new RegExp(`^${route.path.replace(/\{[^}]+\}/g, "[^/]+")}$`), parameters: route.path.split("{").length }))
    .sort((a, b) => a.parameters - b.parameters);
  return (method, path) => {
    const route = routes.find((one) => one.method === method && one.pattern.test(path.split("?")[0]));
    return route && `${route.method} ${route.path}`;
  };
}

/**
 * In the list of an App's installations GitHub's description wants each account to be a user and an enterprise at once (`allOf`), which none is;
 * for a single installation it wants either (`anyOf`). The list is held to the latter.
 */
function correct(description) {
  const { schema } = description.paths["/app/installations"].get.responses["200"].content["application/json"];
  if (!schema.items?.properties?.account?.allOf) fail("The list of installations is described otherwise; see whether it still needs a correction.");
  schema.items = { $ref: "#/components/schemas/installation" };
}

function* referencesIn(node) {
  if (typeof node !== "object" || node === null) return;
  if (typeof node.$ref === "string") yield node.$ref;
  for (const inner of Object.values(node)) yield* referencesIn(inner);
}

function fail(message) {
  throw new Error(message);
}

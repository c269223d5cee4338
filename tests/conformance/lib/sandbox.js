import { fileURLToPath } from "node:url";
import { freePorts } from "./ports.js";
import { start } from "./processes.js";

const program = fileURLToPath(new URL("../../../src/TokenBroker.Sandbox/bin/Debug/net10.0/TokenBroker.Sandbox.dll", import.meta.url));

/** The broker's configuration beside the sandbox's own: a policy that allows everything, and proxies of this machine. */
const settings = {
  Authorization: {
    Policies: {
      conformance: {
        Issuer: "sandbox",
        Claims: [{ Claim: "sub", Matches: ["conformance-*"] }],
        Scopes: ["repos/octo-org/*", "orgs/octo-org", "orgs/octo-two", "enterprises/octo-ent"],
        Operations: ["registration-token", "remove-token", "jitconfig", "read", "labels", "delete"],
        Runners: { Names: ["vm-*"], Labels: ["*"], GroupIds: [1] },
      },
    },
  },
  ForwardedHeaders: { KnownProxies: ["127.0.0.1", "::1"] },
  RateLimit: { RequestsPerMinute: 0 },
};

/**
 * Starts the sandbox on free ports.
 * `behind` may put something between the broker and its GitHub: it gets GitHub's address and gives the one to configure.
 * `settings` are more of the broker's configuration.
 */
export async function startSandbox({ behind = async (gitHub) => gitHub, settings: more = {} } = {}) {
  const [brokerPort, gitHubPort, issuerPort] = await freePorts(3);
  const gitHub = `http://127.0.0.1:${gitHubPort}`;
  const issuer = `http://127.0.0.1:${issuerPort}`;
  const child = await start("dotnet", [program, "--broker-port", brokerPort, "--github-port", gitHubPort, "--issuer-port", issuerPort].map(String), {
    environment: { ...environmentOf({ ...settings, GitHub: { ApiUrl: await behind(gitHub) } }), ...environmentOf(more), Logging__LogLevel__Default: "Warning" },
    ready: /^Ctrl\+C/m,
  });
  const sign = async (claims) => {
    const response = await fetch(`${issuer}/token`, { method: "POST", body: JSON.stringify(claims), signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`The issuer answers ${response.status}.`);
    return (await response.text()).trim();
  };
  return {
    broker: `http://127.0.0.1:${brokerPort}`,
    gitHub,
    jwt: await sign({ sub: "conformance-1" }),
    sign,
    /** Makes its GitHub fail; see docs/sandbox.md. */
    fail: (fault) => fetch(`${gitHub}/_sandbox/faults`, { method: "POST", body: JSON.stringify(fault), signal: AbortSignal.timeout(10_000) }),
    stop: child.stop,
  };
}

/** Configuration as the environment holds it: `A__B__0`. */
function environmentOf(value, prefix = "") {
  if (typeof value !== "object") return { [prefix]: String(value) };
  return Object.assign({}, ...Object.entries(value).map(([key, inner]) => environmentOf(inner, prefix ? `${prefix}__${key}` : key)));
}

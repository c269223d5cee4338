import http from "node:http";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import Provider from "oidc-provider";

/** A certified OpenID provider that others wrote, on loopback, with client credentials and JWT access tokens (RFC 9068). */
export async function startProvider({ resource, clients }) {
  let keys = [newKey()];
  let answer;
  const server = http.createServer((request, response) => answer(request, response));
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const publish = () => (answer = new Provider(issuer, settings({ keys, resource, clients })).callback());
  publish();
  return {
    issuer,
    /** Signs with a new key from now on, and goes on publishing the former one, and no older. */
    rotate() {
      keys = [newKey(), keys[0]];
      publish();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function settings({ keys, resource, clients }) {
  return {
    jwks: { keys },
    clients: clients.map(({ id, secret }) => ({
      client_id: id,
      client_secret: secret,
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    })),
    cookies: { keys: [randomUUID()] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, indicator) => ({
          scope: "",
          audience: indicator,
          accessTokenTTL: 300,
          accessTokenFormat: indicator === resource || indicator.endsWith("/jwt") ? "jwt" : "opaque",
        }),
      },
    },
  };
}

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

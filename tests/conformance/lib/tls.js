import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./processes.js";
import { startProxy } from "./proxy.js";

/** Puts TLS in front of `target`, as a load balancer does: the forwarded headers say how the client came. */
export async function startTls(target) {
  const folder = await mkdtemp(join(tmpdir(), "token-broker-conformance-"));
  const certificate = join(folder, "certificate.pem");
  const key = join(folder, "key.pem");
  const made = await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
  ]);
  if (made.code !== 0) throw new Error(`openssl: ${made.errors}`);

  const proxy = await startProxy(target, {
    tls: { cert: await readFile(certificate), key: await readFile(key) },
    request: ({ headers }) => Object.assign(headers, { "x-forwarded-host": headers.host, "x-forwarded-proto": "https" }),
  });
  return {
    host: proxy.host,
    address: proxy.address,
    /** What makes gh, curl and Node trust it. */
    trust: { SSL_CERT_FILE: certificate, CURL_CA_BUNDLE: certificate, NODE_EXTRA_CA_CERTS: certificate },
    async stop() {
      await proxy.stop();
      await rm(folder, { recursive: true });
    },
  };
}

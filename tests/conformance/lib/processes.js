import { spawn } from "node:child_process";

const running = new Set();

process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/** Starts a program and waits until its output matches `ready`. */
export async function start(command, args, { environment = {}, ready, patience = 30_000 }) {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  const ended = endOf(child);
  const name = [command, ...args].join(" ");

  let output = "";
  let deadline;
  try {
    await Promise.race([
      ended.then((code) => Promise.reject(new Error(`${name} ended with ${code}.`))),
      new Promise((_, reject) => (deadline = setTimeout(reject, patience, new Error(`${name} was not ready in time.`)))),
      new Promise((resolve) => {
        const read = (text) => ready.test((output += text)) && resolve();
        child.stdout.setEncoding("utf8").on("data", read);
        child.stderr.setEncoding("utf8").on("data", read);
      }),
    ]);
  } catch (error) {
    child.kill("SIGKILL");
    // A JWT may be among what the sandbox prints.
    throw new Error(`${error.message}\n${output.replace(/eyJ[\w.-]+/g, "(a JWT)").slice(-2000)}`);
  } finally {
    clearTimeout(deadline);
  }

  return {
    async stop() {
      child.kill("SIGTERM");
      const kill = setTimeout(() => child.kill("SIGKILL"), 20_000);
      const code = await ended;
      clearTimeout(kill);
      return code;
    },
  };
}

/** Runs a program to its end. */
export async function run(command, args, { environment = {}, input = "", patience = 30_000, cwd } = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, cwd, timeout: patience, killSignal: "SIGKILL" });
  const ended = endOf(child);
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  // A program that ends without reading its input is no fault here.
  child.stdin.on("error", () => {}).end(input);
  return { code: await ended, output, errors };
}

/** Whether a program is on the PATH. */
export async function isInstalled(command) {
  return (await run("which", [command])).code === 0;
}

function endOf(child) {
  running.add(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => running.delete(child));
}

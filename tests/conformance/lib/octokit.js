/** Its log would go to the console. */
const log = { debug() {}, info() {}, warn() {}, error() {} };

/** A client by the given class of Octokit, with nothing changed but its base address and its token. */
export const clientOf = (Octokit, baseUrl, auth) => new Octokit({ baseUrl, auth, log });

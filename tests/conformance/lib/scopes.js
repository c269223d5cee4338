/** What the sandbox's GitHub has, one scope of each form, and how GitHub's description writes it. */
export const scopes = [
  { form: "repository", path: "/repos/octo-org/hello", template: "/repos/{owner}/{repo}", parameters: { owner: "octo-org", repo: "hello" } },
  { form: "organization", path: "/orgs/octo-org", template: "/orgs/{org}", parameters: { org: "octo-org" } },
  { form: "enterprise", path: "/enterprises/octo-ent", template: "/enterprises/{enterprise}", parameters: { enterprise: "octo-ent" } },
];

/** Where GitHub's API is looked for: at the root, and where clients of GitHub Enterprise Server look. */
export const prefixes = ["", "/api/v3"];

import { readFileSync } from "node:fs";

/** The code blocks of a page of docs/, by the heading that they stand under. */
export function blocksOf(page) {
  const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), "utf8");
  return text.split(/^## /m).flatMap((section) => {
    const heading = section.split("\n", 1)[0];
    return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => ({ heading, language, code }));
  });
}

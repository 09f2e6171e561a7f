import type { GithubAccess } from "./access.ts";

/** A request to GitHub as it is sent, for people. */
export function requestText(
  { repository: { owner, repo } }: GithubAccess,
  method: "POST" | "PATCH",
  path: string,
  body: object,
): string {
  return `${method} /repos/${owner}/${repo}/${path}\n${JSON.stringify(body, null, 2)}`;
}

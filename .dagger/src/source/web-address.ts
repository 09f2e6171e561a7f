/**
 * The web address of a git remote, without user or password: `git@github.com:acme/shop.git` becomes
 * `https://github.com/acme/shop`. Undefined for a folder, or what can't be read.
 */
export function webAddress(remote: string): string | undefined {
  const [, host, path] = /^(?:[^@/\s]+@)?([\w.-]{2,}):(?!\/\/)([^\s\\]+)$/.exec(remote) ?? [];
  const text = host === undefined ? remote : `ssh://${host}/${path ?? ""}`;
  if (!/^(?:https?|ssh|git):\/\//.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = url.protocol === "http:" ? `http://${url.host}` : `https://${url.hostname}`;
  const port = url.protocol === "https:" && url.port !== "" ? `:${url.port}` : "";
  return `${plain}${port}${url.pathname.replace(/\/+$/, "").replace(/\.git$/, "")}`;
}

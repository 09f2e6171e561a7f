/** How a registry wants to be signed in to. */
export type Challenge =
  { scheme: "basic" } | { scheme: "bearer"; realm: string; service: string | undefined };

const PART = /([A-Za-z][A-Za-z0-9_-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g;

/** Reads `WWW-Authenticate`; undefined when it names no scheme that is known. Bearer is preferred. */
export function parseChallenge(header: string | null): Challenge | undefined {
  if (header === null) return undefined;
  const bearer = /(?:^|,)\s*Bearer\s+/i.exec(header);
  if (bearer) {
    const parts = new Map(
      [...header.slice(bearer.index + bearer[0].length).matchAll(PART)].map(
        ([, name = "", quoted, plain]) =>
          [name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? ""] as const,
      ),
    );
    const realm = parts.get("realm");
    if (realm !== undefined) return { scheme: "bearer", realm, service: parts.get("service") };
  }
  return /(?:^|,)\s*Basic(?:\s|$)/i.test(header) ? { scheme: "basic" } : undefined;
}

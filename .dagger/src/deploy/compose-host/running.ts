/**
 * Digest by service of the containers that a host names, a line each: service, image that it was
 * asked for, and the digests that the image has in registries. Containers of one service that run
 * different images give all of their digests, joined: that is none of them.
 */
export function digestsRunning(
  lines: string,
  services: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const found = new Map<string, Set<string>>();
  for (const line of lines.split("\n")) {
    const [service = "", asked = "", ...known] = line.trim().split(" ");
    if (!services.includes(service)) continue;
    const digests = known.map(digestIn);
    // One image may have several digests: that of an index, and its own.
    const wanted = digestIn(asked);
    const digest = digests.includes(wanted) ? wanted : (digests[0] ?? "unknown");
    found.set(service, (found.get(service) ?? new Set()).add(digest));
  }
  if (found.size === 0) return undefined;
  return Object.fromEntries(
    [...found].map(([service, digests]) => [service, [...digests].toSorted().join(", ")]),
  );
}

function digestIn(ref: string): string {
  return ref.slice(ref.indexOf("@") + 1);
}

/** RFC 7386: objects are merged, null takes away, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const before = isObject(target) ? target : {};
  const merged = Object.entries(patch).map(([key, value]) => [key, mergePatch(before[key], value)]);
  const all = { ...before, ...Object.fromEntries(merged) } as Record<string, unknown>;
  return Object.fromEntries(Object.entries(all).filter(([key]) => patch[key] !== null));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

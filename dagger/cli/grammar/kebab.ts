/**
 * `smokeVerify` → `smoke-verify`, `sha256` → `sha-256`, `OCIRef` → `oci-ref`: word boundaries are
 * where Dagger's command line puts them.
 */
export function kebab(name: string): string {
  return name
    .trim()
    .replace(/[A-Z](?=[A-Z][a-z])/g, "$&-")
    .replace(/[a-z](?=[A-Z0-9])|[A-Z](?=[0-9])|[0-9](?=[A-Za-z])/g, "$&-")
    .replace(/[ _.]/g, "-")
    .toLowerCase();
}

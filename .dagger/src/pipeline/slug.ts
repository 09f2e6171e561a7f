/** A text as lower-case letters, digits and inner hyphens, at most 200; `release` when none is left. */
export function slugOf(text: string): string {
  const slug = text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[\u0300-\u036f]/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 200)
    .replaceAll(/^-|-$/g, "");
  return slug || "release";
}

/**
 * A file of environment variables as Docker Compose reads it: every value arrives as it is given,
 * whatever is in it.
 */
export function envFile(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value)}"\n`)
    .join("");
}

function escaped(value: string): string {
  return value
    .replaceAll(/[\\"$]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
}

/** Data as a JSON document for people and programs. */
export function jsonText(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}

/** Tells progress: an engine shows what a function prints. */
export function say(line: string): void {
  console.log(line);
}

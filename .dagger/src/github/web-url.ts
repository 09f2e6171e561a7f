/** A URL that people can open, for what GitHub takes as one; undefined for anything else. */
export function webUrl(text: string | undefined): string | undefined {
  return text !== undefined && /^https?:\/\//.test(text) && URL.canParse(text) ? text : undefined;
}

/** A URL that people can open, as GitHub takes it; undefined for anything else. */
export function webUrl(text: string | undefined): string | undefined {
  if (text === undefined || !/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text).href;
}

/**
 * What a changelog says of a release, without its heading: `## [1.2.3] - 2026-01-31`, `## v1.2.3`.
 * Undefined when there is no section, or nothing in it.
 */
export function changelogSection(text: string, release: string): string | undefined {
  const lines = text.replaceAll(/<!--[\s\S]*?-->/g, "").split(/\r?\n/);
  const headings = headingsOf(lines);
  const start = headings.find(
    ({ level, title }) => level === 2 && bare(versionIn(title)) === bare(release),
  );
  if (!start) return undefined;
  const end = headings.find(({ at, level }) => at > start.at && level <= 2)?.at;
  const section = lines.slice(start.at + 1, end);
  return section.some(isSaid) ? section.join("\n").trim() : undefined;
}

interface Heading {
  at: number;
  level: number;
  title: string;
}

/** Headings outside of code blocks. */
function headingsOf(lines: readonly string[]): Heading[] {
  let fence: string | undefined;
  return lines.flatMap((line, at) => {
    const [, mark] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (mark !== undefined) {
      if (fence === undefined) fence = mark;
      else if (mark.startsWith(fence)) fence = undefined;
      return [];
    }
    const [, hashes, title] = /^(#{1,6})\s+(.*)$/.exec(line) ?? [];
    if (fence !== undefined || hashes === undefined || title === undefined) return [];
    return [{ at, level: hashes.length, title }];
  });
}

/** The first word of a heading, which may be in brackets, or a link. */
function versionIn(title: string): string {
  const [, linked, plain] = /^(?:\[([^\]]+)\]|(\S+))/.exec(title) ?? [];
  return linked ?? plain ?? "";
}

function bare(version: string): string {
  return version.trim().replace(/^v(?=\d)/, "");
}

/** Headings and definitions of links say nothing of a release. */
function isSaid(line: string): boolean {
  return !/^\s*(?:$|#{1,6}(?:\s|$)|\[[^\]]+\]:\s)/.test(line);
}

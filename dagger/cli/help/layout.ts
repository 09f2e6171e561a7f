/** Where text goes, and how it may look there. */
export interface Page {
  /** Columns of the terminal; 80 where there is none. */
  width: number;
  bold: (text: string) => string;
}

/** `TITLE` and the indented lines under it. */
export function section(page: Page, title: string, lines: readonly string[]): string {
  return [page.bold(title.toUpperCase()), ...lines].join("\n");
}

/** Rows of two columns, indented; the second one wraps under itself. */
export function columns(page: Page, rows: readonly (readonly [string, string])[]): string[] {
  const widest = Math.max(...rows.map(([left]) => left.length), 8);
  return rows.flatMap(([left, right]) => {
    const lead = `  ${left.padEnd(widest)}   `;
    // On a terminal that is too narrow to wrap in, a long line is the lesser evil.
    const room = page.width - lead.length < 20 ? Infinity : page.width - lead.length;
    const [first = "", ...others] = wrap(right, room);
    return [`${lead}${first}`.trimEnd(), ...others.map((line) => " ".repeat(lead.length) + line)];
  });
}

/** Breaks at spaces; keeps line breaks of the text. */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}

/** What a list shows of a description. */
export const firstLine = (text: string): string => text.split("\n")[0]?.trim() || "-";

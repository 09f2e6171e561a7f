/** Longer ones are cut: GitHub takes 65,536 characters in all. */
const LINE_MAX = 1000;
const NOTE_MAX = 8000;
/** What a terminal or a browser would not show as itself: controls, and those that turn text around. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Addresses, and links to them, that have nothing in them that Markdown or HTML would take. */
const ADDRESS = String.raw`https?://[A-Za-z0-9./:?=&%#+~_-]*[A-Za-z0-9/]`;
const KEPT_IN_LINE = new RegExp(`(${ADDRESS})`);
const KEPT_IN_NOTE = new RegExp(String.raw`((?<!!)\[[^\][\n]{1,200}\]\(${ADDRESS}\)|${ADDRESS})`);
/** The beginning of an item of a list, or of a list of tasks. */
const ITEM = /^(\s{0,6}(?:[-*]|\d{1,3}\.) (?:\[[ x]\] )?)(.*)$/;

/**
 * Text from outside as one line of Markdown that shows it as it is: in a list, a table or a
 * paragraph. It can't be markup, a comment or a mention, and addresses in it stay links. Characters
 * become references and not escaped ones, so that it can't leave a code span either.
 */
export function lineOf(text: string): string {
  const line = text
    .replace(/[\s\u2028\u2029]+/g, " ")
    .replace(HIDDEN, "")
    .trim();
  return startless(keeping(cut(line, LINE_MAX), KEPT_IN_LINE));
}

/**
 * What an operator wrote, several lines of it: lists, addresses and links stay, all else is shown
 * as it is.
 */
export function noteText(text: string): string {
  const lines = cut(text.replace(/\r\n?|[\u2028\u2029]/g, "\n").replace(HIDDEN, ""), NOTE_MAX);
  return lines
    .split("\n")
    .map((line) => {
      const [, item = "", rest = line] = ITEM.exec(line) ?? [];
      return `${item}${startless(keeping(rest.trim(), KEPT_IN_NOTE))}`;
    })
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** What is kept is every second part. */
function keeping(text: string, kept: RegExp): string {
  return text
    .split(kept)
    .map((part, index) => (index % 2 === 0 ? plain(part) : addressOrLink(part)))
    .join("");
}

/** The text of a link is anybody's. */
function addressOrLink(part: string): string {
  const end = part.lastIndexOf("](");
  return part.startsWith("[") ? `[${plain(part.slice(1, end))}${part.slice(end)}` : part;
}

function plain(text: string): string {
  return (
    text
      .replace(/[&<>`*|\\]/g, reference)
      .replace(/~(?=~)|(?<=~)~|\](?=[(:])/g, reference)
      .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, reference)
      // A mention is what follows the sign at once, unless it is a part of a mail address.
      .replace(/(?<![A-Za-z0-9])@(?=[A-Za-z0-9])/g, "@&#8203;")
  );
}

/** At the start of a line these would make a heading, a rule or a list. */
function startless(line: string): string {
  return line.replace(/^[#=+-]/, reference);
}

function reference(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}

function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  // Never in the middle of a character of two units.
  return `${text.slice(0, max).replace(/[\uD800-\uDBFF]$/, "")} …`;
}

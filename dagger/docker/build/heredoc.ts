import { expand } from "./dockerfile.ts";

/** A Dockerfile without here-documents, and the files that take their place in the context. */
export interface WithoutHeredocs {
  dockerfile: string;
  files: ReadonlyMap<string, string>;
}

interface Heredoc {
  name: string;
  /** Variables in it are left as they are. */
  literal: boolean;
  body: string;
}

const MARKER = /<<(-?)(["']?)(\w+)\2/g;
const DEFAULT_SHELL = ["/bin/sh", "-c"];
/** Folder of the context that holds the content of COPY's here-documents. */
const FOLDER = ".sluice-heredoc";

/**
 * Writes RUN, COPY and ADD with here-documents in the older way, for builders from before Docker
 * 23. `buildArgs` fill in variables, as far as the Dockerfile itself tells their values.
 */
export function withoutHeredocs(
  dockerfile: string,
  buildArgs: Readonly<Record<string, string>>,
): WithoutHeredocs {
  const lines = dockerfile.split(/\r?\n/);
  const output: string[] = [];
  const files = new Map<string, string>();
  let shell = DEFAULT_SHELL;
  let variables: Record<string, string> = {};
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, word = "", rest = ""] = /^\s*(\w+)\s+(.*)$/.exec(line) ?? [];
    const instruction = word.toUpperCase();
    if (instruction === "FROM") [shell, variables] = [DEFAULT_SHELL, {}];
    if (instruction === "SHELL") shell = shellOf(rest) ?? shell;
    if (instruction === "ARG" || instruction === "ENV") {
      variables = { ...variables, ...assignments(rest, variables, instruction, buildArgs) };
    }
    const takesHeredocs = ["RUN", "COPY", "ADD"].includes(instruction);
    const heredocs = takesHeredocs ? takeBodies(rest, lines) : [];
    if (heredocs.length === 0) output.push(line);
    else if (instruction === "RUN") output.push(runLine(rest, heredocs, shell));
    else output.push(copyLine(instruction, rest, heredocs, files, variables));
  }
  return { dockerfile: output.join("\n"), files };
}

/** Takes the here-documents that an instruction announces off the lines that follow it. */
function takeBodies(rest: string, lines: string[]): Heredoc[] {
  return [...rest.matchAll(MARKER)].map(([, dash, quote, name = ""]) => {
    const end = lines.findIndex((line) => (dash ? line.replace(/^\t+/, "") : line) === name);
    const taken = lines.splice(0, end < 0 ? lines.length : end + 1);
    const content = end < 0 ? taken : taken.slice(0, -1);
    const body = content.map((line) => `${dash ? line.replace(/^\t+/, "") : line}\n`).join("");
    return { name, literal: quote !== "", body };
  });
}

function runLine(rest: string, heredocs: readonly Heredoc[], shell: readonly string[]): string {
  const [, flags = "", command = ""] = /^((?:--\S+\s+)*)(.*)$/s.exec(rest) ?? [];
  const [first] = heredocs;
  const alone = command.replace(MARKER, "").trim() === "" && first !== undefined;
  const script = !alone
    ? `${command}\n${heredocs.map(({ body, name }) => `${body}${name}\n`).join("")}`
    : first.body.startsWith("#!")
      ? executed(first.body)
      : first.body;
  return `RUN ${flags}${JSON.stringify([...shell, script])}`;
}

/** A script with an interpreter of its own runs as a program. */
function executed(body: string): string {
  const end = "SLUICE_END_OF_SCRIPT";
  return `d=$(mktemp -d) && cat > "$d/s" <<'${end}'\n${body}${end}\nchmod 755 "$d" "$d/s"; "$d/s"; c=$?; rm -rf "$d"; exit $c`;
}

function copyLine(
  instruction: string,
  rest: string,
  heredocs: readonly Heredoc[],
  files: Map<string, string>,
  variables: Readonly<Record<string, string>>,
): string {
  const pending = [...heredocs];
  const sources = rest.replace(MARKER, () => {
    const heredoc = pending.shift();
    if (!heredoc) return "";
    const path = `${FOLDER}/${files.size}/${heredoc.name}`;
    files.set(path, heredoc.literal ? heredoc.body : expand(heredoc.body, variables));
    return path;
  });
  return `${instruction} ${sources}`;
}

function assignments(
  rest: string,
  variables: Readonly<Record<string, string>>,
  instruction: string,
  buildArgs: Readonly<Record<string, string>>,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", double, single, bare] of rest.matchAll(
    /(\w+)(?:=(?:"([^"]*)"|'([^']*)'|(\S*)))?/g,
  )) {
    const own = double ?? single ?? bare;
    const given = instruction === "ARG" ? buildArgs[name] : undefined;
    const value = given ?? (own === undefined ? undefined : expand(own, variables));
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function shellOf(rest: string): string[] | undefined {
  try {
    const shell: unknown = JSON.parse(rest);
    return Array.isArray(shell) ? shell.map(String) : undefined;
  } catch {
    return undefined;
  }
}

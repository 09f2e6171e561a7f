import type { BuildSpec } from "../types.ts";

export function buildArgsOf({ buildArgs }: Pick<BuildSpec, "buildArgs">): Record<string, string> {
  return Object.fromEntries(buildArgs.map(({ name, value }) => [name, value]));
}

/** The platform arguments that BuildKit defines for every Dockerfile. */
export function platformArgs(build: string, target: string): Record<string, string> {
  return { ...argsOfPlatform("BUILD", build), ...argsOfPlatform("TARGET", target) };
}

function argsOfPlatform(prefix: string, platform: string): Record<string, string> {
  const [os = "", architecture = "", variant = ""] = platform.split("/");
  return {
    [`${prefix}PLATFORM`]: platform,
    [`${prefix}OS`]: os,
    [`${prefix}ARCH`]: architecture,
    [`${prefix}VARIANT`]: variant,
  };
}

/** What a Dockerfile builds on, as far as it can be told without building. */
export interface BaseImage {
  /** As written, build arguments filled in. */
  ref: string;
  platform: string | undefined;
}

interface Stage {
  name: string | undefined;
  base: BaseImage;
  /** Stages and images that instructions of the stage copy or mount from. */
  from: string[];
}

/** Instructions, comments dropped and continued lines joined. */
export function instructions(dockerfile: string): string[] {
  const escape = /^#\s*escape\s*=\s*`/im.test(dockerfile) ? "`" : "\\";
  const joined: string[] = [];
  let open = "";
  let heredoc: string | undefined;
  for (const line of dockerfile.split(/\r?\n/)) {
    if (heredoc !== undefined) {
      if (line.replace(/^\t+/, "") === heredoc) heredoc = undefined;
      continue;
    }
    if (/^\s*#/.test(line) || (open === "" && line.trim() === "")) continue;
    const text = open + line;
    if (text.trimEnd().endsWith(escape)) {
      open = `${text.trimEnd().slice(0, -1)} `;
      continue;
    }
    open = "";
    joined.push(text.trim());
    heredoc = /^(?:RUN|COPY|ADD)\b.*<<-?\s*["']?(\w+)["']?/i.exec(text.trim())?.[1];
  }
  return open === "" ? joined : [...joined, open.trim()];
}

/** The `# syntax=` line's image, which BuildKit would pull and run to read the Dockerfile. */
export function syntaxImage(dockerfile: string): string | undefined {
  for (const line of dockerfile.split(/\r?\n/)) {
    const [, name, value] = /^#\s*([\w-]+)\s*=\s*(.+?)\s*$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    if (name.toLowerCase() === "syntax") return value;
  }
  return undefined;
}

/** Every image that building `target` (default: the last stage) needs; `scratch` is none. */
export function baseImages(
  dockerfile: string,
  options: {
    target?: string;
    buildArgs: Readonly<Record<string, string>>;
    /** Arguments that exist without an ARG: `BUILDPLATFORM`, `TARGETARCH`, … */
    predefined: Readonly<Record<string, string>>;
  },
): BaseImage[] {
  const stages = stagesOf(dockerfile, options.buildArgs, options.predefined);
  const indexOf = (name: string): number => {
    const named = stages.findIndex((stage) => stage.name === name.toLowerCase());
    return named >= 0 ? named : /^\d+$/.test(name) ? Number(name) : -1;
  };
  const wanted = options.target === undefined ? stages.length - 1 : indexOf(options.target);
  const found = new Map<string, BaseImage>();
  const seen = new Set<number>();
  const visit = (index: number): void => {
    const stage = stages[index];
    if (!stage || seen.has(index)) return;
    seen.add(index);
    for (const source of [stage.base, ...stage.from.map(plainImage)]) {
      const other = indexOf(source.ref);
      if (other >= 0 && other < index) visit(other);
      else if (source.ref !== "scratch" && source.ref !== "") {
        found.set(`${source.ref} ${source.platform ?? ""}`, source);
      }
    }
  };
  visit(wanted);
  return [...found.values()];
}

const plainImage = (ref: string): BaseImage => ({ ref, platform: undefined });

function stagesOf(
  dockerfile: string,
  buildArgs: Readonly<Record<string, string>>,
  predefined: Readonly<Record<string, string>>,
): Stage[] {
  const stages: Stage[] = [];
  const global: Record<string, string> = { ...predefined };
  for (const instruction of instructions(dockerfile)) {
    const [, word = "", rest = ""] = /^(\w+)\s*(.*)$/s.exec(instruction) ?? [];
    const stage = stages.at(-1);
    switch (word.toUpperCase()) {
      case "ARG":
        if (stage) break;
        for (const [, name = "", value] of rest.matchAll(/(\w+)(?:=("[^"]*"|'[^']*'|\S*))?/g)) {
          const given = buildArgs[name] ?? (value && expand(unquote(value), global));
          if (given !== undefined) global[name] = given;
        }
        break;
      case "FROM": {
        const [, platform, ref = "", name] =
          /^(?:--platform=(\S+)\s+)?(\S+)(?:\s+as\s+(\S+))?/i.exec(rest) ?? [];
        stages.push({
          name: name?.toLowerCase(),
          base: {
            ref: expand(unquote(ref), global),
            platform: expand(unquote(platform ?? ""), global) || undefined,
          },
          from: [],
        });
        break;
      }
      default:
        for (const [, from] of rest.matchAll(/(?:^|\s)--(?:mount=\S*\b)?from=([^\s,]+)/g)) {
          if (from !== undefined && !from.includes("$")) stage?.from.push(from);
        }
    }
  }
  return stages;
}

const unquote = (text: string): string => text.replace(/^(["'])(.*)\1$/s, "$2");

/** `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}`. */
export function expand(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})/g,
    (_match, bare?: string, braced?: string, operator?: string, word?: string) => {
      const value = values[bare ?? braced ?? ""] ?? "";
      if (operator === "-") return value === "" ? (word ?? "") : value;
      if (operator === "+") return value === "" ? "" : (word ?? "");
      return value;
    },
  );
}

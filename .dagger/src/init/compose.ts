import type { Directory } from "@dagger.io/dagger";
import { parse } from "yaml";
import { z } from "zod";
import { firstLine, SluiceError } from "../error.ts";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const words = z.union([z.string(), z.array(scalar.transform(String))]);

/** What is read of a Compose file; the rest of it is left alone. */
const composeService = z.looseObject({
  image: z.string().optional(),
  build: z
    .union([
      z.string().transform((context) => ({ context })),
      z.looseObject({
        context: z.string().default("."),
        dockerfile: z.string().optional(),
        target: z.string().optional(),
      }),
    ])
    .optional(),
  command: words.optional(),
  ports: z.array(z.union([z.string(), z.number(), z.looseObject({ target: scalar })])).default([]),
  expose: z.array(z.union([z.string(), z.number()])).default([]),
  environment: z.union([z.array(z.string()), z.record(z.string(), scalar)]).default({}),
  depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).default([]),
  healthcheck: z.looseObject({ test: words.optional() }).optional(),
});

const composeFile = z.looseObject({ services: z.record(z.string(), composeService).default({}) });

/** A service of a Compose file. */
export type ComposeService = z.output<typeof composeService>;

const NAMES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/** Services of the source's Compose file; none without one. Throws `COMPOSE_INVALID`. */
export async function readCompose(source: Directory): Promise<Record<string, ComposeService>> {
  const entries = await source.entries();
  const name = NAMES.find((one) => entries.includes(one));
  return name === undefined ? {} : parseCompose(name, await source.file(name).contents());
}

/** Reads the services of a Compose file. Throws `COMPOSE_INVALID`. */
export function parseCompose(name: string, text: string): Record<string, ComposeService> {
  try {
    const content: unknown = parse(text, { merge: true });
    return composeFile.parse(content ?? {}).services;
  } catch (error) {
    const reason = error instanceof z.ZodError ? reasonOf(error) : firstLine(error);
    throw new SluiceError("COMPOSE_INVALID", `${name} can't be read: ${reason}`, {
      cause: error,
      hint: "see what docker compose config says of it",
    });
  }
}

function reasonOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
}

/** Ports on the container's side. */
export function containerPorts({ ports, expose }: ComposeService): number[] {
  const published = ports.map((port) => {
    if (typeof port === "object") return Number(port.target);
    return Number(String(port).split("/")[0]?.split(":").at(-1));
  });
  return [...published, ...expose.map((port) => Number(String(port).split("/")[0]))].filter(
    (port) => Number.isInteger(port) && port > 0 && port < 65_536,
  );
}

/** Variables with a value of their own: what Compose would take from its surroundings is left out. */
export function plainVariables({ environment }: ComposeService): Record<string, string> {
  const pairs = Array.isArray(environment)
    ? environment.flatMap((item) => {
        const at = item.indexOf("=");
        return at < 0 ? [] : [[item.slice(0, at), item.slice(at + 1)] as const];
      })
    : Object.entries(environment).flatMap(([name, value]) =>
        value === null ? [] : [[name, String(value)] as const],
      );
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => {
      const plain = interpolated(value);
      return plain === undefined ? [] : [[name, plain]];
    }),
  );
}

/** A value with `$$` and `${NAME:-default}` filled in; undefined when it depends on surroundings. */
function interpolated(value: string): string | undefined {
  const unknown = "\0";
  const text = value.replaceAll(
    /\$(?:(\$)|\{\w+:?-([^}]*)\}|\{?\w)/g,
    (_match, dollar?: string, fallback?: string) => dollar ?? fallback ?? unknown,
  );
  return text.includes(unknown) ? undefined : text;
}

/** Names of what a service waits for. */
export function waitsFor({ depends_on }: ComposeService): string[] {
  return Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
}

/** A Compose command as a list; one that is a string goes through a shell. */
export function commandList(command: string | string[] | undefined): string[] | undefined {
  if (command === undefined || Array.isArray(command)) return command;
  return /[\s"'$|&;<>]/.test(command.trim()) ? ["sh", "-c", command] : [command.trim()];
}

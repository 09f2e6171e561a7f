import type {
  Pipeline,
  PipelineDependency,
  PipelineJob,
  PipelineService,
} from "../pipeline/model.ts";

/** One service of a Compose manifest; keys that are undefined are left out of it. */
interface ComposeEntry {
  image: string;
  profiles?: string[];
  ports?: string[] | undefined;
  environment?: Record<string, string> | undefined;
  command?: string[] | undefined;
  healthcheck?: Healthcheck | undefined;
  depends_on?: Record<string, { condition: string }> | undefined;
}

interface Healthcheck {
  test: string[];
  start_period: string;
  interval: string;
  timeout: string;
  retries: number;
}

/** Time that a dependency has to become ready, when its pipeline says none; milliseconds. */
const READY_MS = 60_000;

/** A service that is published on the host. */
export function serviceEntry(
  { env, command, needs }: PipelineService,
  image: string,
  port: string | undefined,
  pipeline: Pipeline,
): ComposeEntry {
  return {
    image,
    ports: port === undefined ? undefined : [port],
    environment: variables(env),
    command: command?.map(literal),
    depends_on: waitsFor(needs, pipeline),
  };
}

/** A job: Compose starts it on demand only, `docker compose run <name>`. */
export function jobEntry(
  { env, command, needs }: PipelineService,
  job: PipelineJob,
  image: string,
  pipeline: Pipeline,
): ComposeEntry {
  return {
    image,
    profiles: ["job"],
    environment: variables(env),
    command: (job.command ?? command)?.map(literal),
    depends_on: waitsFor(needs, pipeline),
  };
}

/** What the services need and that is not built here; reachable for them alone. */
export function dependencyEntry({ image, env, command, ready }: PipelineDependency): ComposeEntry {
  return {
    image,
    environment: variables(env),
    command: command?.map(literal),
    healthcheck: ready.command && {
      test: ["CMD", ...ready.command.map(literal)],
      start_period: `${ready.deadlineMs ?? READY_MS}ms`,
      interval: "2s",
      timeout: "10s",
      retries: 3,
    },
  };
}

function waitsFor(
  needs: readonly string[],
  { dependencies }: Pipeline,
): ComposeEntry["depends_on"] {
  if (needs.length === 0) return undefined;
  return Object.fromEntries(
    needs.map((name) => {
      const checked = dependencies.find((one) => one.name === name)?.ready.command !== undefined;
      return [name, { condition: checked ? "service_healthy" : "service_started" }];
    }),
  );
}

function variables(env: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const entries = Object.entries(env).map(([name, value]) => [name, literal(value)] as const);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Compose would fill in `$NAME` from its surroundings. */
function literal(text: string): string {
  return text.replaceAll("$", "$$$$");
}

import { z } from "zod";
import type { Flyctl } from "./flyctl.ts";

/** Go prints a list without elements as null. */
const list = <T extends z.ZodType>(element: T) =>
  z
    .array(element)
    .nullish()
    .transform((all) => all ?? []);

const check = z.object({
  name: z.string().default(""),
  status: z.string().default("unknown"),
  output: z.string().default(""),
});

const config = z.object({
  image: z.string().optional(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

const machine = z.object({
  id: z.string(),
  state: z.string(),
  region: z.string().default(""),
  image_ref: z.object({ digest: z.string().optional() }),
  config: config.nullish(),
  incomplete_config: config.nullish(),
  checks: list(check),
});

const status = z.object({ Name: z.string(), Version: z.number().int(), Machines: list(machine) });

/** A health check of a machine. */
export type Check = z.output<typeof check>;

/** A machine of the app, as Fly.io sees it. */
export interface Machine {
  id: string;
  /** `started`, `stopped`, … */
  state: string;
  region: string;
  /** Digest that it runs; undefined when Fly.io doesn't say. */
  digest: string | undefined;
  /** Reference that it was told to run. */
  image: string | undefined;
  /** Version of the release that it belongs to. */
  release: number | undefined;
  checks: readonly Check[];
}

/** What there is of an app right now. */
export interface AppState {
  /** Version of the newest release; 0 before the first. */
  version: number;
  /** Without those that run a release command or a console. */
  machines: readonly Machine[];
}

/** Asks Fly.io for the state of an app. */
export async function appState(flyctl: Flyctl, app: string): Promise<AppState> {
  const { Version, Machines } = await flyctl.ask({
    args: ["status", "--app", app, "--json"],
    answer: status,
    what: `state of app ${app}`,
    app,
  });
  return { version: Version, machines: Machines.map(machineOf) };
}

function machineOf({ image_ref, config, incomplete_config, ...rest }: z.output<typeof machine>) {
  const { image, metadata } = config ?? incomplete_config ?? {};
  const release = Number(metadata?.fly_release_version);
  const { id, state, region, checks } = rest;
  return {
    ...{ id, state, region, checks, image },
    digest: image_ref.digest,
    release: Number.isInteger(release) ? release : undefined,
  };
}

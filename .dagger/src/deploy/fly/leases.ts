import { z } from "zod";
import { SluiceError } from "../../error.ts";
import type { Machine } from "./app-state.ts";
import type { Flyctl } from "./flyctl.ts";

const leases = z.record(
  z.string(),
  z.object({
    data: z
      .object({ owner: z.string().default("somebody unnamed"), expires_at: z.number().default(0) })
      .nullish(),
  }),
);

/** Somebody holds a machine, and nobody else may change it. */
export interface Lease {
  machine: string;
  owner: string;
  /** ISO 8601; undefined when Fly.io doesn't say. */
  expires: string | undefined;
}

/** Who holds machines of the app right now. */
export async function leasesOn(
  flyctl: Flyctl,
  app: string,
  machines: readonly Machine[],
): Promise<Lease[]> {
  // Without a machine to name, flyctl would ask for one.
  if (machines.length === 0) return [];
  const ids = machines.map(({ id }) => id);
  const found = await flyctl.ask({
    args: ["machine", "leases", "view", "--app", app, "--json", "--", ...ids],
    answer: leases,
    what: `leases on machines of app ${app}`,
    app,
  });
  return Object.entries(found).flatMap(([machine, { data }]) => {
    if (!data) return [];
    const expires =
      data.expires_at > 0 ? new Date(data.expires_at * 1000).toISOString() : undefined;
    return [{ machine, owner: data.owner, expires }];
  });
}

/** A lease that stood in flyctl's way, by what the Machines API said of it. */
export function leaseIn(said: string): Lease[] {
  const [, machine, owner, expires] =
    /machine ID (\w+) lease currently held by (\S+?), expires at (\S+)/.exec(said) ?? [];
  return machine === undefined || owner === undefined ? [] : [{ machine, owner, expires }];
}

/** @param then what has come of it, for the end of the first line */
export function leasedError(app: string, held: readonly Lease[], then: string): SluiceError {
  const [first] = held;
  const who = first
    ? `machine ${first.machine} is leased by ${first.owner}${first.expires === undefined ? "" : ` until ${first.expires}`}`
    : "a machine is leased by somebody else";
  return new SluiceError("FLY_LEASED", `Fly.io, app ${app}: ${who}; ${then}`, {
    detail: held.map(describe).join("\n"),
    hint: `wait until the lease ends, or for whoever holds it; only when nobody is at work: flyctl machine leases clear --app ${app}`,
  });
}

function describe({ machine, owner, expires }: Lease): string {
  return `machine ${machine}: leased by ${owner}, ${expires === undefined ? "no end is told" : `until ${expires}`}`;
}

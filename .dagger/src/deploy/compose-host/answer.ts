import { z } from "zod";

/** How a deployment ended, in the host's own words. */
export const resultSchema = z.strictObject({
  run: z.string(),
  /** `unchanged`: it ran exactly this already. */
  outcome: z.enum(["deployed", "unchanged", "failed"]),
  /** The last one that was begun. */
  step: z.enum([
    ...["check", "files", "pull", "maintenance", "migrate", "up", "watch", "verify"],
  ] as const),
  /** What stood in its way; `none` when it could begin. */
  blocked: z.enum([
    ...["none", "docker", "flock", "daemon", "compose", "denied", "foreign", "full", "busy"],
  ] as const),
  /**
   * After a failure: `previous` runs again; what was started is `stopped`, because nothing ran there
   * before; it is the `same` as before; neither worked (`failed`); or it is `untouched`.
   */
  restored: z.enum(["untouched", "previous", "stopped", "same", "failed"]),
  maintenance: z.enum(["off", "stuck"]),
});

export type HostResult = z.infer<typeof resultSchema>;

/** Texts that a script answered, by the names of their sections. */
export type Sections = ReadonlyMap<string, string>;

/** Takes an answer apart. What a login says by itself comes before the first mark, and is left out. */
export function sectionsOf(stdout: string, run: string): Sections {
  const [, ...parts] = stdout.split(`\n==== sluice ${run} `);
  return new Map(
    parts.map((part) => {
      const [name = ""] = part.split("\n", 1);
      return [name, part.slice(name.length + 1)];
    }),
  );
}

/** The result among the sections; undefined while there is none of this run. */
export function resultOf(sections: Sections, run: string): HostResult | undefined {
  const text = sections.get("result")?.trim();
  if (!text) return undefined;
  const { success, data } = resultSchema.safeParse(json(text));
  return success && data.run === run ? data : undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

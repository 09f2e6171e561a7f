import { z } from "zod";
import type { Flyctl } from "./flyctl.ts";

const releases = z
  .array(
    z.object({
      ID: z.string(),
      Version: z.number().int(),
      Status: z.string(),
      ImageRef: z.string().default(""),
    }),
  )
  .nullable()
  .transform((all) => all ?? []);

/** A release of an app, as Fly.io recorded it. */
export interface FlyRelease {
  id: string;
  version: number;
  /** `complete`, `failed`, `running`, … */
  status: string;
  image: string;
}

/** The newest release; undefined before the first. */
export async function newestRelease(flyctl: Flyctl, app: string): Promise<FlyRelease | undefined> {
  const all = await flyctl.ask({
    args: ["releases", "--app", app, "--image", "--json"],
    answer: releases,
    what: `releases of app ${app}`,
    app,
  });
  const [newest] = all.toSorted((one, other) => other.Version - one.Version);
  if (!newest) return undefined;
  const { ID, Version, Status, ImageRef } = newest;
  return { id: ID, version: Version, status: Status, image: ImageRef };
}

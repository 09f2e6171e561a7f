import type { Directory } from "@dagger.io/dagger";
import { z } from "zod";
import { SluiceError } from "../error.ts";

/** What tells Sluice's own `dagger.json` from another module's. */
const ownModule = z.object({ name: z.literal("sluice"), source: z.literal(".dagger") });

/**
 * Refuses a source that is Sluice's own repository: Dagger takes it where no other one is given.
 *
 * @param why what was looked for in it, such as `no release.yaml`
 * @throws SluiceError `SOURCE_NOT_GIVEN`
 */
export async function refuseOwnSource(source: Directory, why: string): Promise<void> {
  if (!(await isOwn(source))) return;
  throw new SluiceError(
    "SOURCE_NOT_GIVEN",
    `${why}: without --source, the source is Sluice's own repository`,
    { hint: "add --source . before the name of the function" },
  );
}

async function isOwn(source: Directory): Promise<boolean> {
  try {
    const config = await source.file("dagger.json").contents();
    return ownModule.safeParse(JSON.parse(config)).success;
  } catch {
    return false;
  }
}

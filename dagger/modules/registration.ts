import type { GraphQLSchema } from "graphql";
import { z } from "zod";
import { SluiceError } from "../core/error.ts";
import { keyOf } from "../core/key.ts";
import type { Session } from "../core/session.ts";
import { Draft, type ModuleDraft } from "./api/drafts.ts";
import { defineModule } from "./define-module.ts";
import type { ModuleRuntime } from "./runtime.ts";
import { moduleDef } from "./typedefs.ts";

/** Bump when what is recorded of a module changes. */
const version = 1;

const registration = z.object({
  definition: moduleDef,
  /** The types come out the same without the declarations of libraries and packages. */
  lean: z.boolean(),
});

/**
 * What the module declares, and readies its workers. Registered through the SDK once for a given
 * content and kept on disk; a session that finds it there only loads the module's code.
 */
export async function registrationOf(
  session: Session,
  runtime: ModuleRuntime,
  core: GraphQLSchema,
): Promise<z.infer<typeof registration>> {
  const key = keyOf("module-registration", version, runtime.dir.key);
  const known = await session.cache.get(key, registration);
  if (known) {
    runtime.pool.lean = known.lean;
    runtime.pool.prepare(runtime.dir);
    return known;
  }
  return session.progress.task(`load module ${runtime.config.name}`, async () => {
    runtime.pool.prepare(runtime.dir);
    const draft = await registered(session, runtime);
    const definition = defineModule(runtime.config.name, draft, core);
    const lean = await isLeanEnough(session, runtime, draft);
    const made = { definition, lean };
    await session.cache.set(key, made);
    return made;
  });
}

async function registered(session: Session, runtime: ModuleRuntime): Promise<ModuleDraft> {
  const node = session.load(await runtime.register());
  if (node instanceof Draft && node.typeName === "Module") return node.value as ModuleDraft;
  throw new SluiceError("INVALID_MODULE", `the SDK registered a ${node.typeName}, not a module`);
}

/** Registers again with fewer declarations, to see whether anything depends on them. */
async function isLeanEnough(
  session: Session,
  runtime: ModuleRuntime,
  expected: ModuleDraft,
): Promise<boolean> {
  runtime.pool.lean = true;
  try {
    return JSON.stringify(await registered(session, runtime)) === JSON.stringify(expected);
  } catch {
    return false;
  } finally {
    // The program with all declarations is there already: for this session it is the faster one.
    runtime.pool.lean = false;
  }
}

import { z } from "zod";
import { SluiceError } from "../../error.ts";
import { asked, LABEL_ASK, type Forum } from "./ask.ts";
import type { Home } from "./home.ts";
import { operations } from "./operations.ts";
import type { Thread } from "./threads.ts";

const identified = z.object({ id: z.string() });
const found = z.object({ repository: z.object({ label: identified.nullable() }) });
const created = z.object({ createLabel: z.object({ label: identified }) });

/** Gives a thread a label, which is made where the repository has none of its name. */
export async function ensureLabel(
  forum: Forum,
  home: Home,
  thread: Thread,
  label: string,
): Promise<void> {
  // GitHub takes names of labels for the same whatever their case.
  const has = thread.labels?.nodes.some(({ name }) => name.toLowerCase() === label.toLowerCase());
  if (has) return;
  const id = (await findLabel(forum, label)) ?? (await createLabel(forum, home, label));
  const variables = { thread: thread.id, label: id };
  await asked(forum, z.unknown(), operations.addLabel, variables, LABEL_ASK);
}

async function findLabel(forum: Forum, label: string): Promise<string | undefined> {
  const { owner, repo } = forum.repository;
  const variables = { owner, repo, label };
  const { repository } = await asked(forum, found, operations.label, variables, LABEL_ASK);
  return repository.label?.id;
}

async function createLabel(forum: Forum, home: Home, label: string): Promise<string> {
  try {
    const variables = { home: home.repository, label };
    const answer = await asked(forum, created, operations.createLabel, variables, LABEL_ASK);
    return answer.createLabel.label.id;
  } catch (error) {
    // Another run may have made it just now.
    const id = error instanceof SluiceError ? await findLabel(forum, label) : undefined;
    if (id === undefined) throw error;
    return id;
  }
}

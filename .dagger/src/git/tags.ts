import { SluiceError } from "../error.ts";
import { isRefName, type RemoteRefs, short } from "./refs.ts";

/** A tag to cut. */
export interface NewTag {
  /** `v1.2.3`, without `refs/tags/`. */
  name: string;
  commit: string;
  message: string;
}

/**
 * Cuts an annotated tag on the remote. A tag that stands on the commit already is left as it is.
 *
 * @returns whether it is new
 * @throws SluiceError `TAG_INVALID`, `TAG_TAKEN` when it stands on another commit, `REF_REFUSED`,
 *   `HISTORY_MISSING`, or why the remote can't be asked
 */
export async function cutTag(refs: RemoteRefs, tag: NewTag): Promise<boolean> {
  const { name, commit } = tag;
  assertTagName(name);
  if (await standsOn(refs, name, commit)) return false;
  await refs.history.have(commit);
  const to = await refs.write("tag", content(tag));
  const updates = [{ ref: `refs/tags/${name}`, from: undefined, to }];
  const pushed = await refs.tryPush(updates);
  // Somebody may have cut the same tag in the meantime.
  if (pushed.outcome === "moved" && (await standsOn(refs, name, commit))) return false;
  refs.assertDone(updates, pushed);
  return true;
}

/** Whether a tag is there, on that commit. Throws `TAG_TAKEN` when it is on another one. */
async function standsOn(refs: RemoteRefs, name: string, commit: string): Promise<boolean> {
  const ref = `refs/tags/${name}`;
  const found = await refs.read(ref, `${ref}^{}`);
  const held = found.get(`${ref}^{}`) ?? found.get(ref);
  if (held === undefined || held === commit) return held === commit;
  throw new SluiceError(
    "TAG_TAKEN",
    `tag ${name}: expected it to be free or on ${short(commit)}, found it on ${short(held)}`,
    { hint: "take another name: a tag that others may have seen is never moved" },
  );
}

function assertTagName(name: string): void {
  if (isRefName(`refs/tags/${name}`) && !name.startsWith("-")) return;
  throw new SluiceError(
    "TAG_INVALID",
    `${JSON.stringify(name.slice(0, 200))} can't be the name of a tag`,
    { hint: "take a name such as v1.2.3: see git help check-ref-format" },
  );
}

function content({ name, commit, message }: NewTag): string {
  const seconds = Math.floor(Date.now() / 1000);
  return [
    `object ${commit}`,
    "type commit",
    `tag ${name}`,
    `tagger Sluice <sluice@localhost> ${seconds} +0000`,
    "",
    `${message.trimEnd()}\n`,
  ].join("\n");
}

/**
 * The next tag of a day (UTC): `v2026.01.31`, then `v2026.01.31-2`, `v2026.01.31-3`.
 *
 * @param existing names of the tags there are
 */
export function calendarTag(date: Date, existing: readonly string[]): string {
  const name = `v${date.toISOString().slice(0, 10).replaceAll("-", ".")}`;
  return firstFree(name, existing);
}

/** The name, or the first of `<name>-2`, `<name>-3` that is not taken. */
export function firstFree(name: string, existing: readonly string[]): string {
  const taken = new Set(existing);
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}-${count}`;
  return free;
}

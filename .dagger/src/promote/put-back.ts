import { firstLine } from "../error.ts";
import { heldName } from "../registry/digest.ts";
import { moveTag } from "../registry/move.ts";
import type { ReadyMove } from "./planned.ts";

/** What became of tags that were put back. */
export interface Outcome {
  /** Whether every tag holds what it held before, or what someone else gave it meanwhile. */
  restored: boolean;
  /** One for each tag: what it held, what it holds, and how to repair it by hand. */
  lines: string[];
}

/**
 * How far a tag's move came: nothing was sent to it, its write was sent, or its write was taken but
 * could not be read back.
 */
export type Trace = "untouched" | "written" | "unconfirmed";

/**
 * Puts tags back to what they held, the last service first, and tells what each of them holds now.
 * One that someone else has moved meanwhile is theirs, and is left alone.
 *
 * @param confirm asks whether this run may still write; throws when not
 * @param traceOf how far each move came; default: as if all were written
 */
export async function putBack(
  moves: readonly ReadyMove[],
  confirm: () => Promise<void>,
  traceOf: (move: ReadyMove) => Trace = () => "written",
): Promise<Outcome> {
  const services = [...new Set(moves.map(({ service }) => service.name))].reverse();
  const found = new Map<ReadyMove, OneOutcome>();
  for (const name of services) {
    const own = moves.filter(({ service }) => service.name === name);
    const outcomes = await Promise.all(own.map((move) => putOneBack(move, traceOf(move), confirm)));
    own.forEach((move, index) => found.set(move, outcomes[index] ?? unread));
  }
  const all = moves.map((move) => found.get(move) ?? unread);
  return {
    restored: all.every(({ settled }) => settled),
    lines: all.flatMap(({ lines }) => lines),
  };
}

interface OneOutcome {
  /** Whether nothing of this run is left there. */
  settled: boolean;
  lines: string[];
}
const unread: OneOutcome = { settled: false, lines: [] };

async function putOneBack(
  move: ReadyMove,
  trace: Trace,
  confirm: () => Promise<void>,
): Promise<OneOutcome> {
  const { ref, before, target } = move;
  const wanted = heldName(before?.digest);
  try {
    const held = await heldNow(move);
    // Whatever failed may have happened nevertheless: only reading tells, and of a tag whose
    // registry lags behind not even that.
    const lags = trace === "unconfirmed" && held === before?.digest;
    let sure = !lags;
    if ((held === target.digest && held !== before?.digest) || lags) {
      await confirm();
      sure = (await restore(move)) || sure;
    }
    const now = await heldNow(move);
    if (now === before?.digest && sure) {
      return { settled: true, lines: [`  ${ref}: held ${wanted}, holds ${wanted}`] };
    }
    if (now !== target.digest && sure) {
      const words = `holds ${heldName(now)}: someone else moved it, it is left alone`;
      return { settled: true, lines: [`  ${ref}: held ${wanted}, ${words}`] };
    }
    return unsettled(move, sure ? `holds ${heldName(now)}` : "was written, and does not read so");
  } catch (error) {
    const now = `holds unknown (${firstLine(error)})`;
    if (trace !== "untouched") return unsettled(move, now);
    return { settled: true, lines: [`  ${ref}: held ${wanted}, was not written, ${now}`] };
  }
}

/** Answers whether the registry did it: not every one can remove a tag. */
async function restore({ client, registry, service, tag, before }: ReadyMove): Promise<boolean> {
  const { path } = registry.repositoryOf(service);
  if (!before) return client.untag(path, tag);
  await moveTag(client, path, tag, before);
  return true;
}

function heldNow({ client, registry, service, tag }: ReadyMove): Promise<string | undefined> {
  return client.head(registry.repositoryOf(service).path, tag);
}

function unsettled({ ref, registry, service, tag, before }: ReadyMove, now: string): OneOutcome {
  const repair = before
    ? `crane tag ${registry.imageOf(service)}@${before.digest} ${tag}`
    : `remove the tag ${tag} of ${registry.imageOf(service)} on the registry's own page`;
  return {
    settled: false,
    lines: [`  ${ref}: held ${heldName(before?.digest)}, ${now}`, `    to repair it: ${repair}`],
  };
}

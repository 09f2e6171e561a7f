import { SluiceError } from "../error.ts";
import { targetStream } from "../ledger/streams.ts";
import type { Pipeline, PipelineChannel, PipelineTarget } from "../pipeline/model.ts";
import { suggestion } from "../pipeline/suggest.ts";
import { channelNamed } from "../promote/channel.ts";

export type PlatformKind = PipelineTarget["platform"]["kind"];

/** A target, or one of its numbered slots. */
export interface Place {
  /** `live`, or `staging/2` for a slot. */
  name: string;
  target: PipelineTarget;
  slot: number | undefined;
  channel: PipelineChannel;
  /** Where the ledger has what was deployed there. */
  stream: string;
}

/** What an operator named. */
export interface PlaceWanted {
  /** Default: the only target there is, of this kind. */
  target?: string | undefined;
  kind?: PlatformKind | undefined;
  slot?: number | undefined;
}

const kindNames: Readonly<Record<PlatformKind, string>> = {
  fly: "Fly.io",
  compose: "a Compose host",
  containerApps: "Container Apps",
};

/**
 * The place that is meant.
 *
 * @throws SluiceError `TARGET_UNKNOWN`, `TARGET_KIND`, `SLOT_INVALID`
 */
export function placeOf(pipeline: Pipeline, { target: name, kind, slot }: PlaceWanted): Place {
  const target = name === undefined ? onlyTarget(pipeline, kind) : targetNamed(pipeline, name);
  if (kind !== undefined && target.platform.kind !== kind) {
    const { [target.platform.kind]: is, [kind]: expected } = kindNames;
    throw new SluiceError("TARGET_KIND", `${target.name} is ${is}, expected ${expected}`, {
      hint: `see targets in ${pipeline.file}`,
    });
  }
  return placeAt(pipeline, target, checkedSlot(target, slot));
}

/** Every place of a pipeline, or of one channel of it. */
export function placesOf(pipeline: Pipeline, channel?: string): Place[] {
  return pipeline.targets
    .filter((target) => channel === undefined || target.channel === channel)
    .flatMap((target) => {
      const slots = slotsOf(target);
      const numbers = Array.from({ length: slots ?? 0 }, (_, index) => index + 1);
      return slots === undefined
        ? [placeAt(pipeline, target, undefined)]
        : numbers.map((slot) => placeAt(pipeline, target, slot));
    });
}

function placeAt(pipeline: Pipeline, target: PipelineTarget, slot: number | undefined): Place {
  return {
    ...{ target, slot },
    name: slot === undefined ? target.name : `${target.name}/${slot}`,
    channel: channelNamed(pipeline, target.channel),
    stream: targetStream(target.name, slot),
  };
}

function onlyTarget({ targets, file }: Pipeline, kind: PlatformKind | undefined): PipelineTarget {
  const fitting = targets.filter(({ platform }) => kind === undefined || platform.kind === kind);
  const [only] = fitting;
  if (only && fitting.length === 1) return only;
  const on = kind === undefined ? "" : ` on ${kindNames[kind]}`;
  throw only
    ? new SluiceError("TARGET_UNKNOWN", `there are ${fitting.length} targets${on}`, {
        hint: `name one with --target: ${fitting.map(({ name }) => name).join(", ")}`,
      })
    : new SluiceError("TARGET_UNKNOWN", `there is no target${on} in ${file}`, {
        hint: `add one under targets in ${file}; docs/deploying.md shows how`,
      });
}

function targetNamed({ targets, file }: Pipeline, name: string): PipelineTarget {
  const found = targets.find((target) => target.name === name);
  if (found) return found;
  const shown = JSON.stringify(name.slice(0, 200));
  const known = targets.map((target) => target.name);
  throw new SluiceError(
    "TARGET_UNKNOWN",
    `no target is called ${shown}${suggestion(name, known)}`,
    { hint: known.length > 0 ? `targets in ${file}: ${known.join(", ")}` : `add one to ${file}` },
  );
}

function slotsOf({ platform }: PipelineTarget): number | undefined {
  return platform.kind === "compose" ? platform.slots : undefined;
}

function checkedSlot(target: PipelineTarget, slot: number | undefined): number | undefined {
  const slots = slotsOf(target);
  const invalid = (reason: string, hint: string) =>
    new SluiceError("SLOT_INVALID", `${target.name} ${reason}`, { hint });
  if (slots === undefined) {
    if (slot === undefined) return undefined;
    throw invalid("has no slots", "leave --slot out");
  }
  if (slot === undefined && slots === 1) return 1;
  if (slot !== undefined && Number.isInteger(slot) && slot >= 1 && slot <= slots) return slot;
  const found = slot === undefined ? "" : `, found ${slot}`;
  throw invalid(`has slots 1 to ${slots}${found}`, `name one with --slot, from 1 to ${slots}`);
}

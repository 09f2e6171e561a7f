import { createHash } from "node:crypto";
import type { ComposePlatform } from "../../pipeline/model.ts";
import { slugOf } from "../../pipeline/slug.ts";
import type { DeployContext } from "../deployer.ts";

/** One Compose project on a host, and where its files lie. */
export interface Stack {
  /** The target's directory. */
  root: string;
  /** Where its manifest is: the directory, or the folder of its slot. */
  home: string;
  /** Folder of its state, below `.sluice` in the directory: `current`, `slot-2`. */
  place: string;
  /** Name of the Compose project. */
  project: string;
}

/** Longest name of a project that Compose and Docker are asked to bear. */
const LONGEST = 56;

/** Where a target, or one slot of it, is on its host. */
export function stackOf({
  pipeline,
  target,
  slot,
}: Pick<DeployContext<ComposePlatform>, "pipeline" | "target" | "slot">): Stack {
  const { directory, project = bounded(slugOf(`${pipeline.name}-${target.name}`)) } =
    target.platform;
  if (slot === undefined) return { root: directory, home: directory, place: "current", project };
  return {
    root: directory,
    home: `${directory}/slot-${slot}`,
    place: `slot-${slot}`,
    project: `${project}-${slot}`,
  };
}

/** Names that begin alike stay apart. */
function bounded(name: string): string {
  if (name.length <= LONGEST) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, LONGEST - 9)}-${hash}`;
}

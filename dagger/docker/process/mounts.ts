import { randomUUID } from "node:crypto";
import { z } from "zod";
import { joinPath } from "../../content/path.ts";
import { tarFromTree } from "../../content/tar.ts";
import { sessionLabels } from "../labels.ts";
import { removeVolume } from "../sweep.ts";
import type { MountSource, MountSpec } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { cacheVolume } from "./cache-volume.ts";
import { fillVolume } from "./fill-volume.ts";
import { type Slot, slotsTar } from "./slots.ts";

const volumeAnswer = z.object({ Name: z.string(), Mountpoint: z.string() });

/** Mounts of one process, ready for Docker's HostConfig. */
export interface PreparedMounts {
  host: { Mounts: Record<string, unknown>[]; Tmpfs: Record<string, string> };
  /** Removes the copies; the containers that use them must be gone. */
  remove(): Promise<void>;
}

/**
 * Copies trees, files and secrets into one volume, each under its number, and describes all mounts
 * for Docker. Nothing of this host is bind-mounted, so a daemon elsewhere sees the same.
 */
export async function prepareMounts(
  workshop: Workshop,
  image: string,
  specs: readonly MountSpec[],
): Promise<PreparedMounts> {
  const copies = specs.flatMap((spec, slot) =>
    isCopied(spec.source) ? [{ slot: String(slot), source: spec.source }] : [],
  );
  const volume = copies.length > 0 ? await copyVolume(workshop, image, copies) : undefined;
  const remove = async (): Promise<void> => {
    if (volume) await removeVolume(workshop.daemon, volume.Name);
  };
  try {
    const mounts: Record<string, unknown>[] = [];
    const tmpfs: Record<string, string> = {};
    for (const [slot, spec] of specs.entries()) {
      const common = { Target: spec.path, ReadOnly: spec.readonly ?? false };
      switch (spec.source.kind) {
        case "temp":
          tmpfs[spec.path] = tmpfsOptions(spec.source.size);
          break;
        case "socket":
          mounts.push({ ...common, Type: "bind", Source: spec.source.hostPath });
          break;
        case "cache": {
          const Source = await cacheVolume(workshop, image, spec.source);
          mounts.push({ ...common, Type: "volume", Source, VolumeOptions: { NoCopy: true } });
          break;
        }
        default:
          if (volume) mounts.push({ ...common, ...partOf(workshop, volume, String(slot)) });
      }
    }
    return { host: { Mounts: mounts, Tmpfs: tmpfs }, remove };
  } catch (error) {
    await remove().catch(() => undefined);
    throw error;
  }
}

function isCopied(source: MountSource): source is Slot["source"] {
  return source.kind === "tree" || source.kind === "file" || source.kind === "secret";
}

/** A part of a volume: by name where the daemon can, else by where the volume lies on its host. */
function partOf(
  { capabilities }: Workshop,
  volume: z.infer<typeof volumeAnswer>,
  slot: string,
): Record<string, unknown> {
  return capabilities.volumeSubpath
    ? { Type: "volume", Source: volume.Name, VolumeOptions: { NoCopy: true, Subpath: slot } }
    : { Type: "bind", Source: `${volume.Mountpoint}/${slot}` };
}

async function copyVolume(
  workshop: Workshop,
  image: string,
  copies: Slot[],
): Promise<z.infer<typeof volumeAnswer>> {
  const { daemon, sessionId, signal, store } = workshop;
  const volume = await daemon.json(volumeAnswer, "POST", "/volumes/create", {
    body: {
      Name: `sluice-${sessionId}-${randomUUID().slice(0, 8)}`,
      Labels: sessionLabels(sessionId, "volume"),
    },
  });
  try {
    await fillVolume(workshop, image, volume.Name, async (put, root) => {
      await put(slotsTar(store, root, copies));
      for (const { slot, source } of copies) {
        if (source.kind === "tree") {
          signal.throwIfAborted();
          await put(tarFromTree(store, source.tree, { prefix: joinPath(root, slot) }));
        }
      }
    });
    return volume;
  } catch (error) {
    await removeVolume(daemon, volume.Name).catch(() => undefined);
    throw error;
  }
}

/** Docker's own default would forbid running programs from it. `size` in bytes. */
function tmpfsOptions(size: number | undefined): string {
  return ["rw", "exec", "mode=1777", ...(size ? [`size=${size}`] : [])].join(",");
}

import { z } from "zod";
import type { Daemon } from "./daemon/daemon.ts";
import { LABEL, isAbandoned } from "./labels.ts";

const labels = z.record(z.string(), z.string()).nullish();
const containerList = z.array(z.object({ Id: z.string(), Labels: labels }));
const networkList = z.array(z.object({ Id: z.string(), Labels: labels }));
const volumeList = z.object({
  Volumes: z.array(z.object({ Name: z.string(), Labels: labels })).nullish(),
});

/** Which of the objects with our labels shall go. */
type Choice = (labels: Readonly<Record<string, string>>) => boolean;

/** Removes what sessions left behind whose process is gone. Answers how many objects went. */
export const sweepAbandoned = (daemon: Daemon): Promise<number> =>
  removeLabelled(daemon, LABEL.session, isAbandoned);

/** Removes everything of one session. */
export const removeSession = (daemon: Daemon, id: string): Promise<number> =>
  removeLabelled(daemon, `${LABEL.session}=${id}`, () => true);

/**
 * Containers go first and at once: networks and volumes can't go while containers use them. An
 * object that resists is left to the next sweep.
 */
async function removeLabelled(daemon: Daemon, label: string, choice: Choice): Promise<number> {
  const query = { filters: JSON.stringify({ label: [label] }) };
  const [containers, networks, volumes] = await Promise.all([
    daemon.json(containerList, "GET", "/containers/json", { query: { ...query, all: true } }),
    daemon.json(networkList, "GET", "/networks", { query }),
    daemon.json(volumeList, "GET", "/volumes", { query }),
  ]);
  const chosen = <T extends { Labels?: Record<string, string> | null }>(list: T[]): T[] =>
    list.filter((item) => choice(item.Labels ?? {}));
  const gone = await Promise.allSettled(
    chosen(containers).map((container) => removeContainer(daemon, container.Id)),
  );
  const rest = await Promise.allSettled([
    ...chosen(networks).map((network) => daemon.call("DELETE", `/networks/${network.Id}`)),
    ...chosen(volumes.Volumes ?? []).map((volume) => removeVolume(daemon, volume.Name)),
  ]);
  return [...gone, ...rest].filter((outcome) => outcome.status === "fulfilled").length;
}

/** Kills it when it runs; takes its anonymous volumes along. */
export function removeContainer(daemon: Daemon, id: string): Promise<void> {
  return daemon.call("DELETE", `/containers/${id}`, { query: { force: true, v: true } });
}

export function removeVolume(daemon: Daemon, name: string): Promise<void> {
  return daemon.call("DELETE", `/volumes/${encodeURIComponent(name)}`, { query: { force: true } });
}

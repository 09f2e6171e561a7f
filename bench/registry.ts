import { randomUUID } from "node:crypto";
import { command } from "./command.ts";

/** A registry in a container of its own, on a free port of this machine. */
export interface BenchRegistry {
  /** `localhost:<port>` */
  host: string;
  stop: () => Promise<void>;
}

/** Starts an empty registry, from `registry:2` or what stands in for it. */
export async function startRegistry(): Promise<BenchRegistry> {
  const name = `sluice-bench-${randomUUID().slice(0, 8)}`;
  await command("docker", [
    "run",
    "--detach",
    "--name",
    name,
    "-p",
    "127.0.0.1::5000",
    "registry:2",
  ]);
  const stop = async () => {
    await command("docker", ["rm", "--force", "--volumes", name]);
  };
  try {
    const published = await command("docker", ["port", name, "5000/tcp"]);
    const host = `localhost:${published.trim().split(":").at(-1) ?? ""}`;
    await answers(`http://${host}/v2/`);
    return { host, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Settles as soon as something answers there with success; gives up after half a minute. */
export async function answers(url: string): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
    if (Date.now() > end) throw new Error(`${url} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

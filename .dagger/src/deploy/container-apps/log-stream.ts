import { firstLine } from "../../error.ts";
import { isLoopback } from "./address.ts";
import type { Work } from "./work.ts";

/** As many lines of each container as Azure hands out. */
const LINES = 300;
const TIMEOUT_MS = 10_000;
/** Longest log of one container; characters. */
const LONGEST = 256 * 1024;

/**
 * What the containers of a revision wrote last, by Azure's log stream. It never fails: a log that
 * can't be had says why.
 */
export async function revisionLogs(work: Work, app: string, revision: string): Promise<string> {
  const { arm, scrub } = work;
  try {
    const replicas = await arm.replicas(app, revision);
    const streams = replicas.flatMap(({ name, properties }) =>
      (properties.containers ?? []).map((container) => ({
        title: `${name}/${container.name}`,
        url: container.logStreamEndpoint ?? "",
      })),
    );
    if (streams.length === 0) return `no replica of ${revision} has a log`;
    const token = await arm.logToken(app);
    const texts = streams.map(async ({ title, url }) => {
      const log = await streamed(url, token, work.plainHttp).catch(
        (error: unknown) => `(the log can't be read: ${firstLine(error)})`,
      );
      return `== ${title}\n${scrub(log)}`;
    });
    return (await Promise.all(texts)).join("\n");
  } catch (error) {
    return `the log of ${revision} can't be read: ${scrub(firstLine(error))}`;
  }
}

async function streamed(text: string, token: string, plainHttp: boolean): Promise<string> {
  const url = new URL(text);
  if (url.protocol !== "https:" && !(plainHttp && isLoopback(text))) {
    throw new Error(`${url.origin} is not reached over https`);
  }
  url.searchParams.set("follow", "false");
  url.searchParams.set("output", "text");
  url.searchParams.set("tailLines", String(LINES));
  const reply = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
  return (await reply.text()).slice(-LONGEST);
}

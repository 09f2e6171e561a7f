import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../error.ts";
import type { Address } from "./address.ts";
import { resultOf, type HostResult, type Sections } from "./answer.ts";
import type { Way } from "./bring.ts";
import type { HostRequest } from "./request.ts";
import { attend } from "./scripts/ask.ts";
import type { Stack } from "./stack.ts";

/** How a deployment ended on its host, and what the host said meanwhile. */
export interface HostEnd {
  result: HostResult;
  said: string;
}

/**
 * Asks a host to deploy, and hears how that ended: over a new connection if the first one is lost,
 * for the host goes on by itself.
 *
 * @throws SluiceError when it can't be reached, or can't be heard of any more
 */
export async function endOf(
  { connection, context, stack, times }: Way,
  request: HostRequest,
): Promise<HostEnd> {
  const { address } = connection;
  const first = await connection.ask(request).catch(ifLost);
  const heard = first && endIn(first, request.run);
  if (heard) return heard;
  const patience = String(3 * request.timeoutSeconds + 600);
  const { timeoutSeconds, run } = request;
  const again = { script: attend, stack, run, timeoutSeconds, values: { patience } };
  for (const pause of times.retryMs) {
    context.onProgress(`${context.place}: the connection to ${address.text} is lost; asking again`);
    await sleep(pause);
    const sections = await connection.ask(again).catch(ifOut);
    if (!sections) continue;
    const end = endIn(sections, run);
    if (end) return end;
    throw neverArrived(address);
  }
  throw outOfSight(address, stack);
}

function endIn(sections: Sections, run: string): HostEnd | undefined {
  const result = resultOf(sections, run);
  return result && { result, said: sections.get("log") ?? "" };
}

function ifLost(error: unknown): undefined {
  if (error instanceof SluiceError && error.code === "COMPOSE_CONNECTION_LOST") return;
  throw error;
}

function ifOut(error: unknown): undefined {
  if (error instanceof SluiceError && error.code === "COMPOSE_HOST_UNREACHABLE") return;
  ifLost(error);
}

function neverArrived(address: Address): SluiceError {
  return new SluiceError(
    "COMPOSE_CONNECTION_LOST",
    `the connection to ${address.text} was lost, and the host knows no end of this deployment`,
    { hint: "look what runs there; if it is what ran before, deploy again" },
  );
}

function outOfSight(address: Address, { home, root, place }: Stack): SluiceError {
  return new SluiceError(
    "COMPOSE_CONNECTION_LOST",
    `the connection to ${address.text} was lost during the deployment, and it can't be reached again`,
    {
      detail: `The host ends it by itself: it runs the new release in ${home}, or what ran before.`,
      hint: `once it can be reached, read ${root}/.sluice/${place}/result.json there, or deploy again`,
    },
  );
}

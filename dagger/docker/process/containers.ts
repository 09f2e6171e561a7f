import { z } from "zod";
import { type ObjectKind, sessionLabels } from "../labels.ts";
import { removeContainer } from "../sweep.ts";
import type { Workshop } from "../workshop.ts";

const created = z.object({ Id: z.string() });
const waited = z.object({ StatusCode: z.number() });

/** The part of Docker's create request that differs from use to use. */
export interface ContainerRequest {
  image: string;
  kind: ObjectKind;
  key?: string;
  platform?: string;
  /** Fields of Docker's container config. */
  config?: Record<string, unknown>;
  /** Fields of Docker's HostConfig. */
  host?: Record<string, unknown>;
  networking?: Record<string, unknown>;
}

/**
 * Creates a labelled container and answers its id. Not interrupted by the session's signal: a
 * container whose creation nobody saw through could not be removed.
 */
export async function createContainer(
  workshop: Workshop,
  request: ContainerRequest,
): Promise<string> {
  workshop.signal.throwIfAborted();
  const { Id } = await workshop.daemon.json(created, "POST", "/containers/create", {
    query: workshop.capabilities.containerdStore ? { platform: request.platform } : {},
    body: {
      Image: request.image,
      // A health check of the image would run commands that nobody asked for.
      Healthcheck: { Test: ["NONE"] },
      ...request.config,
      Labels: sessionLabels(workshop.sessionId, request.kind, request.key),
      // Output is read from the attached stream; the daemon need not keep a second copy.
      HostConfig: { LogConfig: { Type: "none" }, ...request.host },
      ...(request.networking ? { NetworkingConfig: request.networking } : {}),
    },
  });
  if (workshop.signal.aborted) {
    await removeContainer(workshop.daemon, Id).catch(() => undefined);
    workshop.signal.throwIfAborted();
  }
  return Id;
}

/** A container that is never started: a way to read and write an image's or a volume's files. */
export function createReader(
  workshop: Workshop,
  image: string,
  host: Record<string, unknown> = {},
): Promise<string> {
  const config = { Entrypoint: ["/never-started"], Cmd: [] };
  return createContainer(workshop, {
    image,
    kind: "reader",
    config,
    host: { NetworkMode: "none", ...host },
  });
}

/** Waits until the container stops; answers its exit code. */
export async function waitForExit(workshop: Workshop, id: string): Promise<number> {
  const { StatusCode } = await workshop.daemon.json(waited, "POST", `/containers/${id}/wait`, {
    signal: workshop.signal,
  });
  return StatusCode;
}

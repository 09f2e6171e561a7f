import type { Readable } from "node:stream";
import { SluiceError } from "../../core/error.ts";
import { isNotFound } from "../daemon/errors.ts";
import { removeContainer } from "../sweep.ts";
import type { StoppedContainer } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { type CommitOptions, commit } from "./commit.ts";

/** A container whose process has ended. */
export class Stopped implements StoppedContainer {
  #image: Promise<string> | undefined;

  constructor(
    private readonly workshop: Workshop,
    readonly id: string,
    private readonly options: CommitOptions,
    private readonly removeMounts: () => Promise<void>,
  ) {}

  commit(): Promise<string> {
    this.#image ??= commit(this.workshop, this.id, this.options).catch((error: unknown) => {
      this.#image = undefined;
      throw error;
    });
    return this.#image;
  }

  archive(path: string): Promise<Readable> {
    return readArchive(this.workshop, this.id, path);
  }

  async remove(): Promise<void> {
    await removeContainer(this.workshop.daemon, this.id).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    await this.removeMounts();
  }
}

/** Reads a path of a container as a tar stream. Throws `PATH_NOT_FOUND`. */
export async function readArchive(
  { daemon, signal }: Workshop,
  container: string,
  path: string,
): Promise<Readable> {
  try {
    return await daemon.stream("GET", `/containers/${container}/archive`, {
      query: { path },
      signal,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new SluiceError("PATH_NOT_FOUND", `${path}: no such file or directory`, { cause: error });
  }
}

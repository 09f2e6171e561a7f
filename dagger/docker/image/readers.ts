import type { Readable } from "node:stream";
import { createReader } from "../process/containers.ts";
import { readArchive } from "../process/stopped.ts";
import { removeContainer } from "../sweep.ts";
import type { Workshop } from "../workshop.ts";

/** So many images are kept open for reading. */
const OPEN = 16;

/** Reads files of images, through containers that are created once per image and never started. */
export class Readers {
  readonly #open = new Map<string, Promise<string>>();

  constructor(private readonly workshop: Workshop) {}

  /** A path of an image as a tar stream. Throws `PATH_NOT_FOUND`. */
  async archive(image: string, path: string): Promise<Readable> {
    return readArchive(this.workshop, await this.#reader(image), path);
  }

  #reader(image: string): Promise<string> {
    let reader = this.#open.get(image);
    this.#open.delete(image);
    if (!reader) {
      reader = createReader(this.workshop, image);
      reader.catch(() => this.#open.delete(image));
    }
    // Re-inserted, so that the first one of the map is the one used longest ago.
    this.#open.set(image, reader);
    this.#closeOldest();
    return reader;
  }

  #closeOldest(): void {
    const [oldest] = this.#open;
    if (this.#open.size <= OPEN || !oldest) return;
    const [image, reader] = oldest;
    this.#open.delete(image);
    reader.then((id) => removeContainer(this.workshop.daemon, id)).catch(() => undefined);
  }
}

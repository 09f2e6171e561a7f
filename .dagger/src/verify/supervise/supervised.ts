import { BoundedLog } from "./bounded-log.ts";
import { ControlChannel, type Ran } from "./control.ts";
import { OutputReader } from "./output.ts";
import type { Listener } from "./sockets.ts";

/** How the program of a container ended; `null`: the container itself is gone. */
export interface Exit {
  exitCode: number | null;
}

/** A container that runs under supervision. */
export class Supervised {
  readonly log = new BoundedLog();
  /** Settles when the program ends, or the container is gone. Never rejects. */
  readonly exited: Promise<Exit>;
  readonly #channel: ControlChannel;
  readonly #following: { close(): void };

  /**
   * @param options.control `host:port` of its control channel
   * @param options.endpoint answers `host:port` for one of its ports
   */
  constructor(
    private readonly options: {
      token: string;
      control: string;
      controlPort: number;
      endpoint(port: number): Promise<string>;
    },
  ) {
    this.#channel = new ControlChannel(options.control, options.token);
    let settle!: (exit: Exit) => void;
    this.exited = new Promise((resolve) => (settle = resolve));
    const reader = new OutputReader(options.token, {
      output: (bytes) => this.log.append(bytes),
      exit: (exitCode) => settle({ exitCode }),
    });
    this.#following = this.#channel.follow({
      bytes: (chunk) => reader.push(chunk),
      ended: () => {
        reader.end();
        settle({ exitCode: null });
      },
    });
  }

  /** Where function code reaches a port of it: `host:port`. */
  endpoint(port: number): Promise<string> {
    return this.options.endpoint(port);
  }

  /** The TCP ports on which its program listens; empty also when it could not be asked. */
  listeners(signal: AbortSignal): Promise<Listener[]> {
    return this.#channel.sockets([this.options.controlPort], signal);
  }

  /** Runs a command inside the container, as its user. */
  run(command: readonly string[], signal: AbortSignal): Promise<Ran> {
    return this.#channel.run(command, signal);
  }

  /** Lets go of the control channel. */
  detach(): void {
    this.#following.close();
  }
}

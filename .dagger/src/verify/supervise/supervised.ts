import type { Socket } from "node:net";
import { seconds } from "../seconds.ts";
import { BoundedLog } from "./bounded-log.ts";
import { ControlChannel, type Ran } from "./control.ts";
import { OutputReader } from "./output.ts";
import type { Listener } from "./sockets.ts";

/** How the program of a container ended; `null`: the container itself is gone. */
export interface Exit {
  exitCode: number | null;
}

/** Where a container is reached. */
export interface Reach {
  /** What its control channel asks for. */
  token: string;
  /** `host:port` of its control channel. */
  control: string;
  /** Port of the control channel inside the container. */
  controlPort: number;
  /** Answers `host:port` for one of its ports. */
  endpoint(port: number): Promise<string>;
}

/** A container that runs under supervision. */
export class Supervised {
  readonly log = new BoundedLog();
  /** Settles when the program ends, or the container is gone. Never rejects. */
  readonly exited: Promise<Exit>;

  /**
   * Waits for the supervisor of a container that was started; throws when it does not answer.
   *
   * @param timeoutMs default 30 seconds
   */
  static async attach(reach: Reach, timeoutMs = 30_000): Promise<Supervised> {
    const channel = new ControlChannel(reach.control, reach.token);
    const output = await channel.follow(AbortSignal.timeout(timeoutMs));
    if (output) return new Supervised(reach, channel, output);
    throw new Error(`its supervisor did not answer within ${seconds(timeoutMs)}`);
  }

  private constructor(
    private readonly reach: Reach,
    private readonly channel: ControlChannel,
    private readonly output: Socket,
  ) {
    let settle!: (exit: Exit) => void;
    this.exited = new Promise((resolve) => (settle = resolve));
    const reader = new OutputReader(reach.token, {
      output: (bytes) => this.log.append(bytes),
      exit: (exitCode) => settle({ exitCode }),
    });
    output.on("data", (chunk: Buffer) => reader.push(chunk));
    output.once("close", () => {
      reader.end();
      settle({ exitCode: null });
    });
  }

  /** Where function code reaches a port of it: `host:port`. */
  endpoint(port: number): Promise<string> {
    return this.reach.endpoint(port);
  }

  /** The TCP ports on which its program listens; empty also when it could not be asked. */
  listeners(signal: AbortSignal): Promise<Listener[]> {
    return this.channel.sockets([this.reach.controlPort], signal);
  }

  /** Runs a command inside the container, as its user. */
  run(command: readonly string[], signal: AbortSignal): Promise<Ran> {
    return this.channel.run(command, signal);
  }

  /** Lets go of the control channel. */
  detach(): void {
    this.output.destroy();
  }
}

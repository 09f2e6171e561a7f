import { connect, type Socket } from "node:net";
import { listeners, type Listener } from "./sockets.ts";

/** Most of one answer that is read; bytes. */
const ANSWER_BYTES = 256 * 1024;

/** Result of a command that ran inside a container. */
export interface Ran {
  /** Null when it did not end in time. */
  exitCode: number | null;
  /** Standard output and error. */
  output: string;
}

/** The control channel of one supervised container: see `scripts.ts` for the other side. */
export class ControlChannel {
  /** @param endpoint `host:port` */
  constructor(
    private readonly endpoint: string,
    private readonly token: string,
  ) {}

  /**
   * Everything that the program writes, as it comes. `ended` is called once when the connection
   * ends, which happens when the container is gone.
   */
  follow(on: { bytes(chunk: Buffer): void; ended(): void }): { close(): void } {
    const socket = this.#ask("follow");
    socket.on("data", (chunk: Buffer) => on.bytes(chunk));
    socket.on("error", () => undefined);
    socket.once("close", () => on.ended());
    return { close: () => socket.destroy() };
  }

  /** TCP ports on which something in the container listens, those in `except` left out. */
  async sockets(except: readonly number[], signal: AbortSignal): Promise<Listener[]> {
    return listeners(await this.#answer("sockets", signal), except);
  }

  /** Runs a command in the container, as its user and in its environment, until `signal`. */
  async run(command: readonly string[], signal: AbortSignal): Promise<Ran> {
    const lines = command.map((argument) => `${escapeForPrintf(argument)}\n`);
    const answer = await this.#answer(`run\n${lines.join("")}`, signal);
    const mark = answer.lastIndexOf("\u001e");
    if (mark < 0) return { exitCode: null, output: answer };
    return { exitCode: Number(answer.slice(mark + 1)), output: answer.slice(0, mark) };
  }

  /** What came until the end of the connection or until `signal`. */
  #answer(question: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      const socket = this.#ask(question);
      const chunks: Buffer[] = [];
      let size = 0;
      const stop = (): void => void socket.destroy();
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      socket.on("data", (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > ANSWER_BYTES) stop();
      });
      // How the connection failed does not matter: what matters is what was not answered.
      socket.on("error", () => undefined);
      socket.once("close", () => {
        signal.removeEventListener("abort", stop);
        resolve(Buffer.concat(chunks).toString("utf8"));
      });
    });
  }

  #ask(question: string): Socket {
    const { hostname, port } = new URL(`tcp://${this.endpoint}`);
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
    socket.setNoDelay(true);
    socket.write(`${this.token}\n${question}\n`);
    return socket;
  }
}

/** One line that `printf %b` turns back into `text`. */
function escapeForPrintf(text: string): string {
  return text === "" ? "\\c" : text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

import { connect, type Socket } from "node:net";
import { systemClock } from "../clock.ts";
import { listeners, type Listener } from "./sockets.ts";

/** Most of one answer that is read; bytes. */
const ANSWER_BYTES = 256 * 1024;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

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
   * Everything that the program writes, as it comes: the stream is open, its greeting read. It
   * ends when the container is gone. Tries again until the other side answers: a port may accept
   * connections, for a proxy in between, before anything listens in the container.
   *
   * @param signal ends the trying; what then comes of it is undefined
   */
  async follow(signal: AbortSignal): Promise<Socket | undefined> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const socket = this.#ask("follow");
      if (await greeted(socket, signal)) return socket;
      socket.destroy();
      await systemClock.sleep(pause, signal);
      if (signal.aborted) return undefined;
    }
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

/** Whether the first byte comes, which is taken off the stream; the rest waits in it, paused. */
function greeted(socket: Socket, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (answer: boolean): void => {
      signal.removeEventListener("abort", refuse);
      socket.off("close", refuse).off("readable", read);
      resolve(answer);
    };
    const refuse = (): void => settle(false);
    const read = (): void => {
      if (socket.read(1) !== null) settle(true);
    };
    socket.on("error", () => undefined);
    socket.once("close", refuse);
    socket.on("readable", read);
    signal.addEventListener("abort", refuse, { once: true });
    if (signal.aborted) refuse();
  });
}

/** One line that `printf %b` turns back into `text`. */
function escapeForPrintf(text: string): string {
  return text === "" ? "\\c" : text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

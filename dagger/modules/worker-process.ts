import { fork, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { SluiceError } from "../core/error.ts";
import type { SdkBundle } from "./sdk-bundle.ts";
import { sdkPackages } from "./sdk.ts";
import { tsx } from "./tsx.ts";
import type { FromWorker, ToWorker } from "./worker-protocol.ts";

const keptLines = 20;
/** Longest that function code may take to come to a sound end when the run is stopped. */
const graceMs = 20_000;
/**
 * Function code sees no more of this host's environment than it needs to reach the network: on the
 * real engine it runs in a container, and a function that depends on more would fail there.
 */
const passedOn = [
  "PATH",
  "HOME",
  "TMPDIR",
  "LANG",
  "TZ",
  "SystemRoot",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];

const answer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("done") }),
  z.object({ kind: z.literal("failed"), message: z.string() }),
]) satisfies z.ZodType<FromWorker>;

/** The engine's end of one worker. Does one thing at a time. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  /** Last lines of output, for the error when the process dies. */
  readonly #lines: string[] = [];
  #log: (line: string) => void = () => undefined;
  #answered: ((answer: FromWorker) => void) | undefined;
  #died: (error: SluiceError) => void = () => undefined;
  /** Rejects when the process ends. */
  readonly #death: Promise<never>;
  #alive = true;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#death = new Promise<never>((_, reject) => (this.#died = reject));
    this.#death.catch(() => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        this.#lines.push(line);
        if (this.#lines.length > keptLines) this.#lines.shift();
        this.#log(line);
      });
    }
    child.on("message", (message) => {
      const { data } = answer.safeParse(message);
      if (data) this.#answered?.(data);
    });
    child.on("error", (cause) =>
      this.#end(`the module's process can't be started: ${cause.message}`),
    );
    // "close" comes after the last line of output, which "exit" does not wait for.
    child.on("close", (code, signal) =>
      this.#end(
        `the module's process ended ${signal ? `by ${signal}` : `with exit code ${String(code)}`}`,
      ),
    );
  }

  /** Starts one from `file`; it begins to load the SDK at once. */
  static start(file: string, bundle: SdkBundle): WorkerProcess {
    const sdk = sdkPackages();
    const env = Object.fromEntries(
      passedOn.flatMap((name) => {
        const value = process.env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
    const args = [bundle.entry, bundle.dir, sdk.dagger, sdk.typescriptEntry, tsx.requireApi];
    const child = fork(file, args, {
      execArgv: [],
      env,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "json",
    });
    return new WorkerProcess(child);
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Sends a job and waits for its end. Lines that the code prints meanwhile go to `log`. */
  async run(job: ToWorker, log: (line: string) => void): Promise<void> {
    this.#log = log;
    this.#lines.length = 0;
    const answered = new Promise<FromWorker>((resolve) => (this.#answered = resolve));
    if (this.#alive) this.#child.send(job);
    const reply = await Promise.race([answered, this.#death]);
    // What it printed last may still be in the pipe when its answer arrives.
    await new Promise((resolve) => setImmediate(resolve));
    if (reply.kind === "failed") {
      throw new SluiceError("MODULE_FAILED", reply.message, {
        hint: "Correct the module's code, then run the command again.",
      });
    }
  }

  get output(): string {
    return this.#lines.join("\n");
  }

  /**
   * Asks it to end, which it does at once unless its code has something to finish; resolves when it
   * is gone.
   */
  async kill(): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), graceMs);
    await this.#death.catch(() => undefined);
    clearTimeout(timer);
  }

  #end(what: string): void {
    this.#alive = false;
    const output = this.output;
    this.#died(
      new SluiceError("MODULE_CRASHED", output ? `${what}; its last output:\n${output}` : what, {
        hint: "Correct the module's code, then run the command again.",
      }),
    );
  }
}

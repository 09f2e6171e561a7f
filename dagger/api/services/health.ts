import { connect } from "node:net";
import { SluiceError } from "../../core/error.ts";

/** Settles when something accepts a TCP connection: tries at once, then 10 ms growing ×1.5 to 250 ms. */
export async function accepts(
  target: { host: string; port: number },
  signal: AbortSignal,
): Promise<void> {
  for (let pause = 10; ; pause = Math.min(pause * 1.5, 250)) {
    if (signal.aborted) throw new SluiceError("INTERRUPTED", "stopped waiting for the service");
    if (await dial(target, signal)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pause);
      signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}

function dial(target: { host: string; port: number }, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...target, signal, timeout: 1000 });
    const end = (up: boolean) => {
      socket.destroy();
      resolve(up);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

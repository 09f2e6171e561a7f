/** A TCP port on which something in the container listens. */
export interface Listener {
  port: number;
  /** True when it is bound to the loopback address, so that no other container reaches it. */
  loopbackOnly: boolean;
}

const LISTEN = "0A";
/** Docker's name server inside the container, 127.0.0.11: not the program's. */
const NAME_SERVER = "0B00007F";
const LOOPBACK = /^(?:[0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)$/i;

/**
 * Reads `/proc/net/tcp` and `/proc/net/tcp6`.
 *
 * @param text both files, one after the other
 * @param except ports to leave out, such as the control port
 */
export function listeners(text: string, except: readonly number[] = []): Listener[] {
  const found = new Map<number, Listener>();
  for (const line of text.split("\n")) {
    const [, local = "", , state] = line.trim().split(/\s+/);
    const [address = "", hex = ""] = local.split(":");
    if (state !== LISTEN || hex === "" || address === NAME_SERVER) continue;
    const port = Number.parseInt(hex, 16);
    if (except.includes(port)) continue;
    const loopbackOnly = LOOPBACK.test(address) && (found.get(port)?.loopbackOnly ?? true);
    found.set(port, { port, loopbackOnly });
  }
  return [...found.values()].sort((a, b) => a.port - b.port);
}

/** `it listens on: 9090, 127.0.0.1:8080`; says so when there is none. */
export function describeListeners(found: readonly Listener[]): string {
  if (found.length === 0) return "it listens on no port";
  const names = found.map(({ port, loopbackOnly }) =>
    loopbackOnly ? `127.0.0.1:${port}` : String(port),
  );
  return `it listens on: ${names.join(", ")}`;
}

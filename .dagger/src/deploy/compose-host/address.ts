import { SluiceError } from "../../error.ts";

/** Where a host is, and who signs in there. */
export interface Address {
  user: string;
  /** Name or IP address, without brackets. */
  host: string;
  port: number;
  /** `ssh://deploy@shop.example.com:22`, for messages. */
  text: string;
}

const USER = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;
const HOST = /^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])$/;

/**
 * Reads the address of a host: `ssh://user@host` or `ssh://user@host:port`. Nothing in it can be
 * taken for an option of ssh.
 *
 * @throws SluiceError `COMPOSE_HOST_INVALID`, without a password if there is one
 */
export function parseAddress(text: string): Address {
  const [, user = "", host = "", port = "22"] =
    /^ssh:\/\/([^/@:]*)@(\[[^\]]*\]|[^/@:]*)(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  if (USER.test(user) && HOST.test(host) && Number(port) >= 1 && Number(port) <= 65_535) {
    const name = host.replaceAll(/[[\]]/g, "");
    return { user, host: name, port: Number(port), text: `ssh://${user}@${host}:${Number(port)}` };
  }
  const shown = JSON.stringify(text.slice(0, 200).replace(/:[^/@]*@|\/\/[^/]*@/, "//***@"));
  throw new SluiceError(
    "COMPOSE_HOST_INVALID",
    `${shown} is no address of a host: expected ssh://user@host or ssh://user@host:port`,
    { hint: "correct compose.host of the target, or the setting that it names" },
  );
}

/** How known_hosts names it. */
export function knownAs({ host, port }: Address): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

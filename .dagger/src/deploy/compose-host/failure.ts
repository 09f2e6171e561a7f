import { SluiceError } from "../../error.ts";
import type { ComposePlatform } from "../../pipeline/model.ts";
import type { ProgramResult } from "../program.ts";
import { knownAs, type Address } from "./address.ts";

/** Whether a text says that a disk is full. */
export function saysFull(text: string): boolean {
  return /no space left on device|disk quota exceeded/i.test(text);
}

/** Why ssh could not connect, or did not stay connected; undefined when it did. */
export function connectionFailure(
  address: Address,
  { key, knownHosts }: Pick<ComposePlatform, "key" | "knownHosts">,
  { code, stderr }: ProgramResult,
): SluiceError | undefined {
  // A signal ended ssh here, above 128; its own failures are 255.
  if (code <= 128) return undefined;
  const detail = shortened(stderr);
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(stderr)) {
    const [, offered = "unknown"] = /^(SHA256:[\w+/=]+)\.?$/m.exec(stderr) ?? [];
    return new SluiceError(
      "COMPOSE_HOST_KEY_CHANGED",
      `${address.text} shows another host key than expected: ${offered}; nothing was sent there`,
      {
        hint: `ask who runs the host; only if the key was changed on purpose, put the new line for ${knownAs(address)} into ${knownHosts}`,
      },
    );
  }
  if (/Host key verification failed|No \S+ host key is known/.test(stderr)) {
    return new SluiceError(
      "COMPOSE_HOST_KEY_UNKNOWN",
      `${knownHosts} has no line for ${knownAs(address)}, so the host is not trusted`,
      {
        detail,
        hint: `run: ssh-keyscan -p ${address.port} ${address.host}, compare it with what the host itself says, and add it to ${knownHosts}`,
      },
    );
  }
  if (/Permission denied \(|Load key .*:|Too many authentication failures/.test(stderr)) {
    return new SluiceError("COMPOSE_HOST_REFUSED", `${address.text} refuses the key of ${key}`, {
      detail,
      hint: `add its public key to ~${address.user}/.ssh/authorized_keys there, or give another one; it must have no passphrase`,
    });
  }
  const hint = "check that the host is up, its address, and the firewall between here and there";
  const [unreachable] =
    /^(?:ssh: (?:connect to|Could not resolve)|kex_exchange|banner exchange|Connection timed out).*/m.exec(
      stderr,
    ) ?? [];
  if (unreachable !== undefined) {
    return new SluiceError(
      "COMPOSE_HOST_UNREACHABLE",
      `${address.text} can't be reached: ${unreachable.trim()}`,
      { hint },
    );
  }
  return new SluiceError("COMPOSE_CONNECTION_LOST", `the connection to ${address.text} was lost`, {
    detail,
    hint,
  });
}

/** The host let us in, and did not do what it was asked. */
export function noAnswer(address: Address, { code, stderr }: ProgramResult): SluiceError {
  if (saysFull(stderr)) return hostFull(address, stderr);
  return new SluiceError(
    "COMPOSE_HOST_UNSUITABLE",
    `${address.text} did not run what it was asked to: exit code ${code}`,
    {
      detail: shortened(stderr),
      hint: "its user needs a POSIX shell at login, with mktemp, base64 and tar",
    },
  );
}

/** There is no room on the host. */
export function hostFull(address: Address, log: string): SluiceError {
  return new SluiceError(
    "COMPOSE_HOST_FULL",
    `a disk of ${address.text} is full; nothing that runs there was changed`,
    {
      detail: shortened(log),
      hint: "make room there, such as with: docker image prune --all --filter until=168h; then deploy again",
    },
  );
}

/** The last lines of a text, which say most. */
export function shortened(text: string): string {
  return text.trim().split(/\r?\n/).slice(-30).join("\n").slice(-4000);
}

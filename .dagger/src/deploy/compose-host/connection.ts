import { SluiceError } from "../../error.ts";
import { GIT_IMAGE } from "../../git/dagger-git.ts";
import type { ComposePlatform } from "../../pipeline/model.ts";
import type { DeployContext } from "../deployer.ts";
import { knownAs, parseAddress, type Address } from "./address.ts";
import { sectionsOf, type Sections } from "./answer.ts";
import { connectionFailure, noAnswer } from "./failure.ts";
import { encoded, type HostRequest } from "./request.ts";

/** Asks a host over SSH, a connection for each request. */
export interface Connection {
  address: Address;
  /** @throws SluiceError `COMPOSE_HOST_UNREACHABLE` and others, when there is no answer */
  ask(request: HostRequest): Promise<Sections>;
}

const KEY = "/run/sluice/key";
const KNOWN_HOSTS = "/run/sluice/known_hosts";
const LOGIN = "/run/sluice/login";

/**
 * What is run on the host, always: no value is ever part of it. The first line of the input is
 * Docker's config.json in base64, or empty; the rest is the request. The password is in no command
 * line and no environment.
 */
const REMOTE = `exec sh -c '
umask 077
trap "" HUP PIPE
trap : INT TERM
d=$(mktemp -d) || exit 70
clean() { rm -rf "$d"; }
trap clean EXIT
IFS= read -r login || exit 70
base64 -d | tar -xf - -C "$d" || exit 70
[ -f "$d/run" ] || exit 70
if [ -n "$login" ]; then
  mkdir "$d/login" && printf %s "$login" | base64 -d >"$d/login/config.json" || exit 70
fi
sh "$d/run" "$d"
'`;

/** Puts the secret line before the rest; ssh gets its arguments as they are. */
const CLIENT = 'login=$1; shift; cat "$login" - | ssh "$@"';

/**
 * Reads how a target's host is reached. Host keys are never taken on trust.
 *
 * @param login Docker's config.json that the host pulls with; undefined for its own
 * @throws SluiceError `COMPOSE_HOST_INVALID`, `COMPOSE_HOST_KEY_UNKNOWN`, `SETTING_MISSING`
 */
export async function connectionTo(
  { target, settings, openProgram }: DeployContext<ComposePlatform>,
  login?: string,
): Promise<Connection> {
  const { platform } = target;
  const address = parseAddress(
    await settings.resolve(platform.host, `the address of ${target.name}'s host`),
  );
  const key = await settings.get(platform.key, `the private SSH key for ${address.text}`);
  const knownHosts = await settings.find(platform.knownHosts);
  if (knownHosts === undefined) throw hostKeyMissing(address, platform.knownHosts);
  const program = openProgram({
    image: GIT_IMAGE,
    command: "sh",
    env: { LC_ALL: "C" },
    files: { [KNOWN_HOSTS]: `${knownHosts}\n` },
    secretFiles: {
      [KEY]: `${key.replaceAll("\r\n", "\n")}\n`,
      [LOGIN]: `${login === undefined ? "" : Buffer.from(login).toString("base64")}\n`,
    },
  });
  const args = ["-c", CLIENT, "sh", LOGIN, ...sshArguments(address), REMOTE];
  return {
    address,
    ask: async (request) => {
      const result = await program.run(args, { stdin: encoded(request) });
      const sections = sectionsOf(result.stdout, request.run);
      if (sections.size > 0) return sections;
      throw connectionFailure(address, platform, result) ?? noAnswer(address, result);
    },
  };
}

function sshArguments({ user, host, port }: Address): string[] {
  const options = {
    BatchMode: "yes",
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: KNOWN_HOSTS,
    GlobalKnownHostsFile: "/dev/null",
    UpdateHostKeys: "no",
    IdentitiesOnly: "yes",
    IdentityFile: KEY,
    PreferredAuthentications: "publickey",
    ClearAllForwardings: "yes",
    ConnectTimeout: "10",
    ServerAliveInterval: "10",
    ServerAliveCountMax: "3",
  };
  return [
    ...["-F", "/dev/null", "-T"],
    ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    ...["-l", user, "-p", String(port), "--", host],
  ];
}

function hostKeyMissing(address: Address, setting: string): SluiceError {
  const port = address.port === 22 ? "" : `-p ${address.port} `;
  return new SluiceError(
    "COMPOSE_HOST_KEY_UNKNOWN",
    `no host key of ${address.text} is given, so it is not trusted: ${setting} is missing or empty`,
    {
      hint: `run: ssh-keyscan ${port}${address.host} > known_hosts, compare it with what the host itself says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), and give it: with-setting --name ${setting} --value file:known_hosts; the line begins with ${knownAs(address)}`,
    },
  );
}

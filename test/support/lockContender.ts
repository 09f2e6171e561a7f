import { RemoteRefs } from "../../.dagger/src/git/refs.ts";
import { GitHistory } from "../../.dagger/src/git/git-history.ts";
import { LocalGit } from "../../.dagger/src/git/local-git.ts";
import { parseRemote } from "../../.dagger/src/git/remote.ts";
import { acquireLock } from "../../.dagger/src/lock/acquire.ts";
import { LockRemote } from "../../.dagger/src/lock/remote.ts";

/**
 * A process of its own that asks for a lock: `<url> <holder> <rounds>`. It says `ready`, then for
 * each line on its standard input tries once and says `held <claim>`, or why not; `release` and
 * `confirm` do what they say.
 */
const [url = "", holder = ""] = process.argv.slice(2);
const remote = parseRemote(url);
const git = await LocalGit.open({ remote });
const history = new GitHistory({ git, remote, source: undefined });
const locks = new LockRemote(new RemoteRefs({ git, remote, history }));
let lock: Awaited<ReturnType<typeof acquireLock>> | undefined;

const commands: Record<string, () => Promise<string>> = {
  acquire: async () => {
    lock = await acquireLock(locks, { name: "prod", holder, reason: "race", command: "test" });
    return `held ${lock.claim}`;
  },
  confirm: async () => {
    await lock?.confirm();
    return "confirmed";
  },
  release: async () => {
    await lock?.release();
    return "released";
  },
};

process.stdout.write("ready\n");
for await (const chunk of process.stdin.setEncoding("utf8")) {
  for (const line of String(chunk).trim().split("\n")) {
    const answer = await commands[line]?.().catch((error: unknown) => String(error));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
await git.close();

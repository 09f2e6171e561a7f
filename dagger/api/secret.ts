import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Caller } from "../core/caller.ts";
import { SluiceError } from "../core/error.ts";
import { keyOf } from "../core/key.ts";
import type { Node } from "../core/node.ts";
import type { Session } from "../core/session.ts";
import { plain, type TypeDefinition } from "./define.ts";
import { hostPath } from "./host/path.ts";

/** A value that never shows: every read registers it with the scrubber first. */
export class Secret implements Node {
  readonly typeName = "Secret";

  constructor(
    private readonly session: Session,
    readonly key: string,
    readonly name: string,
    readonly uri: string,
    private readonly load: () => Promise<Buffer>,
  ) {}

  /** A secret whose value the caller gave. */
  static named(session: Session, name: string, plaintext: string): Secret {
    session.scrubber.add(plaintext);
    return new Secret(session, keyOf("secret", name, plaintext), name, "", async () =>
      Buffer.from(plaintext),
    );
  }

  /** A secret to be read from where `uri` says: `env://NAME`, `file://path` or `cmd://command`. */
  static byUri(session: Session, uri: string, caller: Caller): Secret {
    const [scheme, rest] = splitUri(uri);
    const read = readers[scheme];
    if (!read) {
      throw new SluiceError(
        "UNSUPPORTED_SECRET",
        `unsupported secret provider: ${JSON.stringify(scheme)}`,
        {
          hint: "Use env://NAME, file://path or cmd://command.",
        },
      );
    }
    if (caller.functionCall !== undefined) {
      throw new SluiceError(
        "SECRET_NOT_ALLOWED",
        `a module function may not read the secret ${scheme}://… of this host`,
        {
          hint: "Take a Secret argument and pass the secret on the command line.",
        },
      );
    }
    return new Secret(session, keyOf("secret-uri", uri, caller.id), rest, uri, () =>
      read(rest, caller),
    );
  }

  async plaintext(): Promise<string> {
    return (await this.bytes()).toString("utf8");
  }

  /** The value byte for byte: a file may hold what is no text. */
  bytes(): Promise<Buffer> {
    return this.session.once(keyOf("plaintext", this.key), async () => {
      const value = await this.load();
      this.session.scrubber.add(value.toString("utf8"));
      return value;
    });
  }
}

type Reader = (rest: string, caller: Caller) => Promise<Buffer>;

const readers: Record<string, Reader | undefined> = {
  env: async (name) => {
    const value = process.env[name];
    if (value === undefined) {
      throw new SluiceError(
        "SECRET_NOT_FOUND",
        `secret env var not found: ${JSON.stringify(name)}`,
        {
          hint: `Set ${name}, or pass the secret another way (file:…, cmd:…).`,
        },
      );
    }
    return Buffer.from(value);
  },
  file: (path, caller) =>
    readFile(hostPath(caller, path)).catch((cause: unknown) => {
      throw new SluiceError(
        "SECRET_NOT_FOUND",
        `failed to read secret file ${JSON.stringify(path)}: ${(cause as NodeJS.ErrnoException).code === "ENOENT" ? "no such file or directory" : String(cause)}`,
        {
          cause,
          hint: "Check the path and its permissions.",
        },
      );
    }),
  cmd: async (command, caller) => {
    // A command line of the user's own writing, so a shell is what they expect; nothing is spliced in.
    const run = promisify(execFile)("sh", ["-c", command], { cwd: caller.cwd, encoding: "utf8" });
    const { stdout } = await run.catch((cause: unknown) => {
      throw new SluiceError("SECRET_NOT_FOUND", "failed to run secret command", {
        cause,
        hint: "Run the command by hand to see why.",
      });
    });
    return Buffer.from(stdout);
  },
};

function splitUri(uri: string): [string, string] {
  const match = /^(\w+):(?:\/\/)?(.+)$/s.exec(uri);
  if (!match) {
    throw new SluiceError(
      "INVALID_SECRET",
      "malformed id: a secret must be given as env:NAME, file:path or cmd:command",
    );
  }
  return [match[1] as string, match[2] as string];
}

export const secretFields: TypeDefinition<Secret> = {
  name: plain((self) => self.name),
  uri: plain((self) => self.uri),
  plaintext: plain((self) => self.plaintext()),
};

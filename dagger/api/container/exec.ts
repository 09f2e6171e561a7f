import type { Readable } from "node:stream";
import { z } from "zod";
import type { Blob } from "../../content/tree.ts";
import type {
  MountSpec,
  ProcessResult,
  ProcessSpec,
  StoppedContainer,
} from "../../docker/types.ts";
import { ExecFailedError, SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import type { Session } from "../../core/session.ts";
import { bindServices } from "../services/bind.ts";
import { cacheLocks } from "./locks.ts";
import { mountSpecs, mountsKey } from "./mounts.ts";
import { readArchive, readImage, type Found } from "./rootfs.ts";
import { envValue, type ContainerState } from "./state.ts";

export interface ExecOptions {
  /** Full argv. */
  args: string[];
  stdin?: Uint8Array;
  expect: "SUCCESS" | "FAILURE" | "ANY";
  privileged: boolean;
  init: boolean;
}

/** What a command left behind. */
export interface ExecOutcome {
  exitCode: number;
  stdout: Blob;
  stderr: Blob;
  combined: Blob;
  /** Docker image id of the root file system after the command. */
  image(): Promise<string>;
  /** Reads a path, mounts included. */
  read(path: string): Promise<Found>;
}

const blob = z.object({ digest: z.string(), size: z.number() });
const record = z.object({
  exitCode: z.number(),
  stdout: blob,
  stderr: blob,
  combined: blob,
  image: z.string(),
});

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Error texts carry this much output at most; all of it stays readable through `expect: ANY`. */
const errorOutputBytes = 64 * 1024;

/** One `withExec`: runs at most once for equal content, in this session and in later ones. */
export class ExecRun {
  readonly session: Session;
  /** Names this run in recipes that depend on it. */
  readonly id: string;

  constructor(
    session: Session,
    /** Key of the recipe: containers made the same way share the run. */
    recipe: string,
    private readonly before: ContainerState,
    readonly options: ExecOptions,
  ) {
    this.session = session;
    this.id = recipe;
  }

  /** Content address of command, file system, environment, mounts, secrets and services. */
  key(): Promise<string> {
    const { before, options } = this;
    return this.session.once(keyOf("exec-key", this.id), async () => {
      const secrets = before.secretEnv.map(({ name, secret }) => [name, secret.key]);
      return keyOf(
        "exec",
        await before.rootfs.key(),
        before.platform,
        options.args,
        options.stdin ? Buffer.from(options.stdin).toString("base64") : null,
        options.expect,
        options.privileged,
        options.init,
        before.config.env,
        before.config.user,
        before.config.workdir,
        await mountsKey(before.mounts),
        secrets,
        before.services.map(({ alias, service }) => [alias, service.key]),
      );
    });
  }

  /** Runs the command, or finds what an equal one left. Throws when it exits otherwise than expected. */
  async outcome(): Promise<ExecOutcome> {
    const key = await this.key();
    return this.session.once(keyOf("exec", key), () =>
      this.session.progress.task(`exec ${this.options.args.join(" ")}`, async (task) => {
        const known = await this.#fromCache(key);
        if (known) {
          task.cached();
          return known;
        }
        return this.#run(key);
      }),
    );
  }

  async #fromCache(key: string): Promise<ExecOutcome | undefined> {
    const found = await this.session.cache.get(key, record);
    if (!found) return undefined;
    const { store } = this.session;
    const blobs = await Promise.all(
      [found.stdout, found.stderr, found.combined].map(({ digest }) => store.has(digest)),
    );
    if (blobs.includes(false)) return undefined;
    const runtime = await this.session.runtime();
    const present = await runtime.inspect(found.image).then(
      () => true,
      () => false,
    );
    if (!present) return undefined;
    return {
      ...found,
      image: async () => found.image,
      read: async (path) => {
        if (!this.#isMounted(path)) return readImage(this.session, found.image, path);
        // Mounts are no part of the image: what the command wrote there has to be made again.
        const again = await this.session.once(keyOf("exec-again", key), () => this.#run(key));
        return again.read(path);
      },
    };
  }

  async #run(key: string): Promise<ExecOutcome> {
    const runtime = await this.session.runtime();
    const spec = await this.#spec(key);
    const { mounts, releases } = claimPrivate(this.before, spec.mounts);
    releases.push(await cacheLocks.acquire(lockedVolumes(this.before)));
    const result = await runtime
      .run({ ...spec, mounts })
      .finally(() => releases.forEach((release) => release()));
    const { exitCode, container } = result;
    if (!expected(this.options.expect, exitCode)) {
      const failure = await this.#failure(exitCode, result.stdout, result.stderr);
      await container.remove();
      throw failure;
    }
    const committed = this.#commitInBackground(key, container, result);
    return {
      exitCode,
      stdout: result.stdout,
      stderr: result.stderr,
      combined: result.combined,
      image: () => committed,
      read: async (path) => {
        // Docker's archive of the container shows its mounts as well; the image is the root file system alone.
        if (!this.#isMounted(path)) return readImage(this.session, await committed, path);
        return this.session.once(keyOf("exec-read", key, path), () => this.#read(container, path));
      },
    };
  }

  #isMounted(path: string): boolean {
    return this.before.mounts.some((mount) => within(path, mount.path));
  }

  #read(container: StoppedContainer, path: string): Promise<Found> {
    return readArchive(this.session, (at): Promise<Readable> => container.archive(at), path);
  }

  /** The image is what a later session, or the next command of the chain, starts from. */
  #commitInBackground(
    key: string,
    container: StoppedContainer,
    result: ProcessResult,
  ): Promise<string> {
    const committed = container.commit();
    const { exitCode, stdout, stderr, combined } = result;
    this.session.background(
      committed.then((image) =>
        this.session.cache.set(key, { exitCode, stdout, stderr, combined, image }),
      ),
    );
    return committed;
  }

  async #spec(key: string): Promise<ProcessSpec> {
    const { before, options } = this;
    const [image, mounts, hosts, secretEnv] = await Promise.all([
      before.rootfs.image(),
      mountSpecs(before.mounts),
      bindServices(before.services),
      secretVariables(before),
    ]);
    return {
      key,
      image,
      platform: before.platform,
      args: options.args,
      env: environment(before),
      secretEnv,
      user: before.config.user,
      workdir: before.config.workdir || "/",
      mounts,
      hosts,
      privileged: options.privileged,
      init: options.init,
      stdin: options.stdin,
    };
  }

  async #failure(exitCode: number, stdout: Blob, stderr: Blob): Promise<ExecFailedError> {
    const text = async (output: Blob) => {
      const bytes = await this.session.store.bytes(output.digest);
      const tail = bytes.subarray(Math.max(0, bytes.length - errorOutputBytes)).toString("utf8");
      return (bytes.length > errorOutputBytes ? "[earlier output omitted]\n" : "") + tail;
    };
    const [out, err] = (await Promise.all([text(stdout), text(stderr)])).map((output) =>
      output.trim(),
    ) as [string, string];
    // A command that could not be started has nothing to say but why.
    const unstarted = /^(exec: "|fork\/exec )/.test(err) ? err : undefined;
    return new ExecFailedError(
      { cmd: this.options.args, exitCode, stdout: out, stderr: err },
      unstarted,
    );
  }
}

/** Variables a process sees: the container's own, the volatile ones, and a PATH in any case. */
export function environment(state: ContainerState): string[] {
  const env = [...state.config.env];
  if (envValue(env, "PATH") === undefined) env.unshift(defaultPath);
  for (const { name, value } of state.volatileEnv) env.push(`${name}=${value}`);
  return env;
}

export function secretVariables(state: ContainerState): Promise<{ name: string; value: string }[]> {
  return Promise.all(
    state.secretEnv.map(async ({ name, secret }) => ({ name, value: await secret.plaintext() })),
  );
}

/** Exit codes 128–191 mean that the process was killed, which no expectation covers. */
function expected(expect: ExecOptions["expect"], exitCode: number): boolean {
  const ended = exitCode <= 127 || exitCode >= 192;
  if (expect === "SUCCESS") return exitCode === 0;
  if (expect === "FAILURE") return exitCode !== 0 && ended;
  return ended;
}

function within(path: string, mount: string): boolean {
  return path === mount || path.startsWith(mount.replace(/\/*$/, "/"));
}

function lockedVolumes(state: ContainerState): string[] {
  return state.mounts.flatMap((mount) =>
    mount.kind === "cache" && mount.sharing === "LOCKED" ? [mount.volume.volume] : [],
  );
}

/** Gives every private cache mount a volume that no other command uses at the same time. */
function claimPrivate(
  state: ContainerState,
  specs: MountSpec[],
): { mounts: MountSpec[]; releases: (() => void)[] } {
  const releases: (() => void)[] = [];
  const mounts = specs.map((spec, index) => {
    const mount = state.mounts[index];
    if (mount?.kind !== "cache" || mount.sharing !== "PRIVATE" || spec.source.kind !== "cache")
      return spec;
    const { volume, release } = cacheLocks.claim(spec.source.volume);
    releases.push(release);
    return { ...spec, source: { ...spec.source, volume } };
  });
  return { mounts, releases };
}

/** Fails with Dagger's own words when nothing has been executed yet. */
export function lastExec(state: ContainerState): ExecRun {
  if (state.last) return state.last;
  throw new SluiceError("NO_EXEC", "no command has been set");
}

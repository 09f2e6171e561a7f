import { Directory } from "@dagger.io/dagger";
import { findCandidate } from "../../.dagger/src/candidate/find.ts";
import { candidateTag } from "../../.dagger/src/candidate/model.ts";
import { SluiceError } from "../../.dagger/src/error.ts";
import { GitHistory } from "../../.dagger/src/git/git-history.ts";
import { LocalGit } from "../../.dagger/src/git/local-git.ts";
import { noHistory } from "../../.dagger/src/git/no-history.ts";
import { RemoteRefs } from "../../.dagger/src/git/refs.ts";
import { parseRemote } from "../../.dagger/src/git/remote.ts";
import type { PipelineChannel } from "../../.dagger/src/pipeline/model.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";
import { demands, enforce } from "../../.dagger/src/promote/gates.ts";
import type { PromotionData } from "../../.dagger/src/promote/model.ts";
import { recoverChannel } from "../../.dagger/src/promote/recover-channel.ts";
import { planRollback } from "../../.dagger/src/promote/rollback.ts";
import { carryOut } from "../../.dagger/src/promote/transaction.ts";
import { Logins } from "../../.dagger/src/registries/logins.ts";
import { Registries } from "../../.dagger/src/registries/registries.ts";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { sender } from "../../.dagger/src/registry/http/send.ts";
import { ledgerOf, type Release } from "../../.dagger/src/release.ts";
import { statusOf } from "../../.dagger/src/status/status.ts";
import type { Status } from "../../.dagger/src/status/model.ts";
import { seedImage } from "./registryProcess.ts";

/** Where a release takes place, as data that another process can be given. */
export interface Yard {
  /** Name of the pipeline: each has a ledger and images of its own. */
  name: string;
  services: readonly string[];
  /** Services of files, with the names of these. */
  files?: Readonly<Record<string, readonly string[]>>;
  /** `127.0.0.1:5000` by the registry's name; the first one has the ledger. */
  registries: Readonly<Record<string, string>>;
  /** Who acts. */
  operator?: string;
  /** How long one try of a request may take; milliseconds, default 10 seconds. */
  timeoutMs?: number;
  /** The git remote, which locks lie on; default: none. */
  remote?: string;
  /** Keys of the channel prod, as the pipeline file has them. */
  channel?: Readonly<Record<string, unknown>>;
  /** How long to wait for another run's lock; milliseconds, default 0. */
  waitMs?: number;
  /** Whether the channel's gates are asked; default: none is. */
  gated?: boolean;
  /** More sections of the pipeline file, such as targets. */
  sections?: Readonly<Record<string, unknown>>;
  /** Values of settings by name. */
  settings?: Readonly<Record<string, string>>;
  /** Token for GitHub's API; default: none. */
  githubToken?: string;
}

/**
 * Works with a release without an engine: real registries, a real ledger, a real git remote if there
 * is one, and no verification.
 */
export async function inYard<T>(
  yard: Yard,
  work: (release: Release, prod: PipelineChannel) => Promise<T>,
): Promise<T> {
  const git = yard.remote === undefined ? undefined : await openGit(yard.remote);
  try {
    const release = await releaseIn(yard, git);
    const [prod] = release.pipeline.channels;
    if (!prod) throw new Error("the yard has no channel");
    return await work(release, prod);
  } finally {
    await git?.close();
  }
}

interface YardGit extends Pick<LocalGit, "close"> {
  refs: RemoteRefs;
}

async function openGit(url: string): Promise<YardGit> {
  const remote = parseRemote(url);
  const git = await LocalGit.open({ remote });
  const history = new GitHistory({ git, remote, source: undefined });
  return { refs: new RemoteRefs({ git, remote, history }), close: () => git.close() };
}

async function releaseIn(yard: Yard, git: YardGit | undefined): Promise<Release> {
  const pipeline = parsePipeline(JSON.stringify(pipelineIn(yard)), "release.yaml");
  const logins = await Logins.collect(pipeline, []);
  const registries = new Registries(pipeline, logins);
  for (const registry of registries.all) {
    const host = yard.registries[registry.name] ?? "";
    registry.client = (access) =>
      Promise.resolve(
        new RegistryClient({
          ...{ host, access, send: sender(yard.timeoutMs ?? 10_000) },
          // The pauses are another test's business.
          retry: { sleep: () => Promise.resolve() },
        }),
      );
  }
  const unused = (): never => {
    throw new Error("a promotion's core does not look at the source");
  };
  return {
    ...{ pipeline, logins, registries, ledger: ledgerOf(pipeline, registries) },
    operator: yard.operator ?? "ann",
    runUrl: undefined,
    secretsFor: (use) => secretsIn(yard).filter((given) => given.use.use === use),
    remote: () => Promise.resolve(git?.refs),
    history: () => Promise.resolve(git?.refs.history ?? noHistory),
    source: new Proxy(new Directory(), { get: unused }),
  };
}

function secretsIn({ settings = {}, githubToken }: Yard): ReturnType<Release["secretsFor"]> {
  const secret = (value: string) => ({ plaintext: () => Promise.resolve(value) });
  return [
    ...Object.entries(settings).map(([name, value]) => ({
      use: { use: "setting" as const, name },
      secret: secret(value),
    })),
    ...(githubToken === undefined
      ? []
      : [{ use: { use: "github-token" as const }, secret: secret(githubToken) }]),
  ];
}

function pipelineIn({
  name: pipeline,
  services,
  files = {},
  registries,
  channel = {},
  sections = {},
}: Yard) {
  return {
    version: 1,
    name: pipeline,
    services: {
      ...Object.fromEntries(
        services.map((name) => [name, { context: name, port: 80, probe: { path: "/" } }]),
      ),
      ...Object.fromEntries(
        Object.entries(files).map(([name, all]) => [name, { files: all.map((one) => `/${one}`) }]),
      ),
    },
    registries: Object.fromEntries(
      Object.entries(registries).map(([name, host]) => [name, { address: `${host}/${pipeline}` }]),
    ),
    channels: { prod: channel },
    ...sections,
  };
}

/** Publishes an image of each service for a commit, straight to the registries at these origins. */
export async function publishIn(
  { name: pipeline, services }: Yard,
  origins: readonly string[],
  commit: string,
): Promise<void> {
  await Promise.all(
    origins.flatMap((origin) =>
      services.map((name) =>
        seedImage(origin, `${pipeline}/${name}`, `${name} of ${commit}`, candidateTag(commit)),
      ),
    ),
  );
}

/** Promotes a commit to prod: everything that follows a verification that passed. */
export async function promoteIn(
  yard: Yard,
  commit: string,
  onProgress: (line: string) => void = () => undefined,
  whileVerified: () => Promise<void> = () => Promise.resolve(),
): Promise<PromotionData> {
  return inYard(yard, async (release, channel) => {
    const { held } = await findCandidate(release.pipeline, release.registries, commit);
    const asked = { channel, commit, images: held, replay: true, release: undefined };
    await whileVerified();
    return carryOut(
      release,
      {
        ...{ kind: "promotion", channel, commit, images: held, command: "promote" },
        ...{ release: undefined, branch: channel.branch, reason: undefined },
        waitMs: yard.waitMs ?? 0,
        gates: async (state) => {
          if (!yard.gated) return [];
          const { results } = await demands(release, asked, state);
          enforce(channel.name, commit, results);
          return results;
        },
      },
      onProgress,
    );
  });
}

/** Rolls prod back: everything that follows a verification that passed. */
export async function rollbackIn(yard: Yard, to?: string): Promise<PromotionData> {
  return inYard(yard, async (release) => {
    const { change } = await planRollback(release, { channel: "prod", reason: "it hangs", to });
    return carryOut(release, change, () => undefined);
  });
}

/** Brings prod to rest after a run that was cut off. */
export async function recoverIn(yard: Yard): Promise<string | undefined> {
  return inYard(yard, (release, channel) =>
    recoverChannel(
      release,
      { channel, command: "recover", waitMs: yard.waitMs ?? 0 },
      () => undefined,
    ),
  );
}

/** What prod holds, by the ledger and in the registries. */
export async function statusIn(yard: Yard): Promise<Status["channels"][number]> {
  const { channels } = await inYard(yard, (release) => statusOf(release));
  const [prod] = channels;
  if (!prod) throw new Error("the yard has no channel");
  return prod;
}

/** The message and code of a failure. */
export async function refusalOf(
  work: Promise<unknown>,
): Promise<{ code: string; message: string }> {
  const error: unknown = await work.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (error instanceof SluiceError) return { code: error.code, message: error.message };
  throw error;
}

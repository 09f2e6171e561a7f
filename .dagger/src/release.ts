import { parseEnv } from "node:util";
import type { Directory, Secret } from "@dagger.io/dagger";
import { z } from "zod";
import { SluiceError } from "./error.ts";
import type { GitHistory } from "./git/git-history.ts";
import type { History } from "./git/history.ts";
import { noHistory } from "./git/no-history.ts";
import type { RemoteRefs } from "./git/refs.ts";
import { openRepository, type Repository } from "./git/repository.ts";
import { Ledger } from "./ledger/ledger.ts";
import { once } from "./once.ts";
import type { ReadableSecret } from "./readable-secret.ts";
import type { Pipeline } from "./pipeline/model.ts";
import { readPipeline } from "./pipeline/read.ts";
import { Logins } from "./registries/logins.ts";
import { Registries } from "./registries/registries.ts";
import { parseRepository } from "./registry/name.ts";
import { trustSystemAuthorities } from "./system-authorities.ts";
import { canBeHidden, isSecretName, secretOf } from "./secret.ts";

/** What a secret is for. */
const secretUse = z.discriminatedUnion("use", [
  z.strictObject({ use: z.literal("registry"), address: z.string(), username: z.string() }),
  z.strictObject({
    use: z.enum(["git-token", "git-ssh-key", "git-known-hosts", "github-token", "settings-file"]),
  }),
  z.strictObject({ use: z.literal("setting"), name: z.string() }),
]);
export type SecretUse = z.infer<typeof secretUse>;

const runUrl = z
  .union([z.literal(""), z.url({ protocol: /^https?$/ })])
  .refine((text) => text === "" || new URL(text).username === "");

const settings = z.strictObject({
  /** Path of the pipeline file in the source. */
  pipeline: z.string(),
  /** Who acts, for the lock and the ledger. */
  operator: z.string(),
  /** The CI run that acts, for links; empty for none. */
  runUrl: runUrl,
  /** One for each secret, in their order. */
  uses: z.array(secretUse),
});

/**
 * What a release starts from, as the module's objects carry it along. It is flat: an object in an
 * object would come back with ids where its secrets were.
 */
export interface ReleaseState {
  readonly source: Directory;
  /** Everything but the source and the secrets, as JSON. */
  readonly settings: string;
  readonly secrets: Secret[];
}

/**
 * The state without any secret.
 *
 * @throws SluiceError `ARGUMENTS_INVALID` for the address of a run that is none
 */
export function initialSettings(pipeline: string, operator: string, run: string): string {
  if (!runUrl.safeParse(run).success) {
    throw new SluiceError("ARGUMENTS_INVALID", "--run-url is no http or https URL", {
      hint: "give the address of the CI run, without user and password, or leave it out",
    });
  }
  const state: z.infer<typeof settings> = { pipeline, operator, runUrl: run, uses: [] };
  return JSON.stringify(state);
}

/** The settings with another secret at the end. */
export function withSecretUse(text: string, use: SecretUse): string {
  const read = settings.parse(JSON.parse(text));
  return JSON.stringify({ ...read, uses: [...read.uses, use] });
}

/** A pipeline, its registries and its ledger, ready to work with. */
export interface Release {
  source: Directory;
  pipeline: Pipeline;
  registries: Registries;
  logins: Logins;
  ledger: Ledger;
  /** What the git repository says of commits, its remote included. Opened when first asked for. */
  history: () => Promise<History & Pick<GitHistory, "committedAt">>;
  /** The refs of the git remote; undefined when the source has none. */
  remote: () => Promise<RemoteRefs | undefined>;
  /** Who acts, for the lock and the ledger. */
  operator: string;
  /** The CI run that acts; undefined for none. */
  runUrl: string | undefined;
  /** Secrets by what they are for; settings of a file count as settings. */
  secretsFor: (use: SecretUse["use"]) => GivenSecret[];
}

/** A secret, and what it is for. */
interface GivenSecret {
  use: SecretUse;
  secret: ReadableSecret;
}

/** Reads the pipeline file and the credentials; asks no registry yet. */
export async function openRelease(state: ReleaseState): Promise<Release> {
  trustSystemAuthorities();
  const { source } = state;
  const { pipeline: path, operator, runUrl, uses } = settings.parse(JSON.parse(state.settings));
  const pipeline = await readPipeline(source, path);
  const given = uses.map((use, index) => ({ use, secret: secretAt(state, index) }));
  const secrets = (await Promise.all(given.map(withSettingsOfFile))).flat();
  const logins = await Logins.collect(
    pipeline,
    secrets.flatMap(({ use, secret }) => (use.use === "registry" ? [{ ...use, secret }] : [])),
  );
  const registries = new Registries(pipeline, logins);
  const secretsFor: Release["secretsFor"] = (wanted) =>
    secrets.filter(({ use }) => use.use === wanted);
  const git = once(() => openGit(source, pipeline, secretsFor));
  return {
    ...{ source, pipeline, logins, registries, operator, secretsFor },
    runUrl: runUrl === "" ? undefined : runUrl,
    ledger: ledgerOf(pipeline, registries),
    history: async () => (await git())?.history ?? noHistory,
    remote: async () => (await git())?.refs,
  };
}

/** Each line of a file of settings is a setting of its own. */
async function withSettingsOfFile(given: GivenSecret): Promise<GivenSecret[]> {
  if (given.use.use !== "settings-file") return [given];
  const values = parseEnv(await given.secret.plaintext());
  return Object.entries(values).map(([name, value = ""]) => ({
    use: { use: "setting", name },
    // Engines take what is a secret out of all that is printed: names of apps are to be read there.
    secret:
      isSecretName(name) && canBeHidden(name, value)
        ? secretOf(name, value)
        : { plaintext: () => Promise.resolve(value) },
  }));
}

async function openGit(
  source: Directory,
  { git }: Pipeline,
  secretsFor: Release["secretsFor"],
): Promise<Repository | undefined> {
  const last = (use: SecretUse["use"]) => secretsFor(use).at(-1)?.secret;
  const auth = {
    token: last("git-token"),
    sshKey: last("git-ssh-key"),
    knownHosts: await last("git-known-hosts")?.plaintext(),
  };
  return openRepository({ source, remote: git.remote, auth });
}

function secretAt({ secrets }: ReleaseState, index: number): Secret {
  const secret = secrets[index];
  if (!secret) throw new Error(`secret ${index} is missing from the release's state`);
  return secret;
}

/** The ledger, in the registry that the pipeline keeps it in. */
export function ledgerOf(pipeline: Pipeline, registries: Registries): Ledger {
  const registry = registries.named(pipeline.ledger.registry);
  return new Ledger({
    read: () => registry.client("read"),
    write: () => registry.client("write"),
    repository: parseRepository(`${registry.address}/${pipeline.ledger.repository}`).path,
    pipeline: pipeline.name,
  });
}

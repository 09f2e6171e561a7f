/**
 * Releases container services by promoting the exact bytes that were tested.
 *
 * Builds a repository's services, publishes them to every registry under their commit, boots
 * disposable containers from the published digests, probes them, and only then moves a channel's
 * tag, in all registries or in none. What is released, and how it is verified, is in `release.yaml`.
 */
import {
  argument,
  check,
  dag,
  type Directory,
  type File,
  func,
  object,
  type Secret,
} from "@dagger.io/dagger";
import { buildData } from "./build/data.ts";
import { buildImages } from "./build/images.ts";
import { buildNames } from "./build/names.ts";
import { selectServices } from "./build/select.ts";
import { findCandidate } from "./candidate/find.ts";
import { keptEvidence } from "./evidence/kept.ts";
import { firstPipeline } from "./init/first-pipeline.ts";
import { Build } from "./objects/build.ts";
import { Candidate } from "./objects/candidate.ts";
import { Promotion } from "./objects/promotion.ts";
import { Tags } from "./objects/tags.ts";
import { Verification } from "./objects/verification.ts";
import { pipelineJsonSchema } from "./pipeline/json-schema.ts";
import { promote } from "./promote/promote.ts";
import { publishCandidate } from "./publish/publish.ts";
import { DOCKER_CONFIG } from "./registries/logins.ts";
import { openRelease } from "./release.ts";
import { jsonText, say } from "./report/output.ts";
import { checkedCommit, commitOf } from "./source/commit.ts";
import { revisionOf } from "./source/revision.ts";
import { tagStates, tagSummary } from "./status/tags.ts";
import { runVerification } from "./verify/run.ts";
import { selectImages } from "./verify/select.ts";

/** Releases container services by promoting the exact bytes that were tested. */
@object()
export class Sluice {
  readonly source: Directory;
  readonly pipeline: string;
  readonly loginAddresses: string[];
  readonly loginUsernames: string[];
  readonly loginSecrets: Secret[];

  /**
   * @param source The repository to release, with its .git
   * @param pipeline Path of the pipeline file in it
   * @param registryAuth Docker's config.json, with credentials for the registries
   * @param ghcrToken Token for ghcr.io
   * @param dockerhubToken Password or token for Docker Hub; the pipeline file names the user
   */
  constructor(
    @argument({
      defaultPath: "/",
      ignore: ["**/node_modules", "**/.venv", "**/__pycache__", "**/.artifacts"],
    })
    source: Directory,
    pipeline: string = "release.yaml",
    registryAuth?: Secret,
    ghcrToken?: Secret,
    dockerhubToken?: Secret,
  ) {
    this.source = source;
    this.pipeline = pipeline;
    this.loginAddresses = [];
    this.loginUsernames = [];
    this.loginSecrets = [];
    if (registryAuth) this.withRegistryAuth(DOCKER_CONFIG, "", registryAuth);
    if (ghcrToken) this.withRegistryAuth("ghcr.io", "", ghcrToken);
    if (dockerhubToken) this.withRegistryAuth("docker.io", "", dockerhubToken);
  }

  /**
   * Adds credentials for a registry
   *
   * @param address Host of the registry, such as registry.example.com:5000
   * @param username User to sign in as
   * @param secret Password or token
   */
  @func()
  withRegistryAuth(address: string, username: string, secret: Secret): Sluice {
    this.loginAddresses.push(address);
    this.loginUsernames.push(username);
    this.loginSecrets.push(secret);
    return this;
  }

  /**
   * Builds the services' images, and nothing else
   *
   * @param service Services to build, by name; by default all
   * @param commit Commit to build, in full; by default HEAD, with local changes if there are any
   * @param version Version for the images' labels; by default the commit
   * @param created Time for the images' labels, RFC 3339; by default that of the commit
   */
  @func()
  async build(
    service: string[] = [],
    commit?: string,
    version?: string,
    created?: string,
  ): Promise<Build> {
    const names = buildNames(version ?? undefined, created ?? undefined);
    const { pipeline } = await openRelease(this);
    const services = selectServices(pipeline, service);
    const revision = await revisionOf(this.source, commit ?? undefined);
    const built = await buildImages(services, revision, names);
    return new Build(
      built.images.flatMap(({ containers }) => containers),
      jsonText(buildData(built, revision)),
    );
  }

  /**
   * Builds the services and pushes them to every registry as sha-<commit>
   *
   * Such a tag is written once: publishing a commit again builds and changes nothing.
   *
   * @param commit Commit to publish, in full; by default HEAD, which must have no local changes
   * @param version Version for the images' labels; by default the commit
   * @param created Time for the images' labels, RFC 3339; by default that of the commit
   */
  @func({ cache: "never" })
  async publish(commit?: string, version?: string, created?: string): Promise<Candidate> {
    const names = buildNames(version ?? undefined, created ?? undefined);
    const release = await openRelease(this);
    const revision = await revisionOf(this.source, commit ?? undefined);
    const build = async () =>
      (await buildImages(release.pipeline.services, revision, names)).images;
    const candidate = await publishCandidate({ ...release, revision, build, onProgress: say });
    return Candidate.of(candidate, this);
  }

  /**
   * Reads back from the registries what a commit became
   *
   * Fails when a registry lacks an image of it, or holds another one than the others.
   *
   * @param commit Commit, in full; by default HEAD
   */
  @func({ cache: "never" })
  async candidate(commit?: string): Promise<Candidate> {
    const { pipeline, registries } = await openRelease(this);
    const wanted = await commitOf(this.source, commit ?? undefined);
    const { candidate } = await findCandidate(pipeline, registries, wanted);
    return Candidate.of(candidate, this);
  }

  /**
   * Boots disposable containers from published digests, probes them and runs the jobs
   *
   * Moves nothing. Fails when the verification does not pass; its report is then kept for `evidence`.
   *
   * @param commit Commit whose candidate is verified, in full; by default HEAD
   * @param tag Verify what this tag holds right now, instead of a commit
   * @param registry Name of the registry to pull from; by default the first one of the pipeline file
   * @param allowFailure Give back the result of a verification that does not pass, too
   */
  @func({ cache: "never" })
  async smokeVerify(
    commit?: string,
    tag?: string,
    registry?: string,
    allowFailure: boolean = false,
  ): Promise<Verification> {
    const release = await openRelease(this);
    const images = await selectImages(release, {
      commit: commit ?? undefined,
      tag: tag ?? undefined,
      registry: registry ?? undefined,
    });
    return Verification.of(
      await runVerification(release, images, { allowFailure, onProgress: say }),
    );
  }

  /**
   * Verifies a candidate, then moves a channel's tag to it in every registry
   *
   * Tags move by manifest, all or none, and each is read back. Fails, and moves nothing, when the
   * verification does not pass.
   *
   * @param channel Name of the channel in the pipeline file
   * @param commit Commit to promote, in full; by default HEAD
   * @param registry Name of the registry to verify from; by default the channel's own
   */
  @func({ cache: "never" })
  async promote(channel: string, commit?: string, registry?: string): Promise<Promotion> {
    const wanted = { channel, commit: commit ?? undefined, registry: registry ?? undefined };
    return Promotion.of(await promote(await openRelease(this), wanted, say));
  }

  /**
   * What the channels' tags hold in every registry right now
   *
   * @param channel Name of a channel; by default all
   */
  @func({ cache: "never" })
  async tags(channel?: string): Promise<Tags> {
    const { pipeline, registries } = await openRelease(this);
    const states = await tagStates(pipeline, registries, channel ?? undefined);
    return new Tags(jsonText(states), tagSummary(states));
  }

  /**
   * The report of the newest verification that did not pass: logs, probes, verdict
   *
   * @param commit Commit that was verified, in full; by default the last one
   */
  @func({ cache: "never" })
  async evidence(commit?: string): Promise<Directory> {
    const { pipeline } = await openRelease(this);
    return keptEvidence(pipeline.name, commit ? checkedCommit(commit) : undefined);
  }

  /**
   * Checks the pipeline file
   *
   * Names every fault at once, with its line, its path, what was found and what is expected.
   */
  @func()
  @check()
  async validate(): Promise<void> {
    await openRelease(this);
  }

  /** JSON Schema of the pipeline file, for editors */
  @func()
  schema(): File {
    const text = jsonText(pipelineJsonSchema());
    return dag.directory().withNewFile("release.schema.json", text).file("release.schema.json");
  }

  /** A first pipeline file, from the Dockerfiles and the Compose file of the source */
  @func()
  async init(): Promise<File> {
    const text = await firstPipeline(this.source);
    return dag.directory().withNewFile("release.yaml", text).file("release.yaml");
  }
}

/**
 * Releases container services by promoting the exact bytes that were tested.
 *
 * Builds a repository's services, publishes them to every registry under their commit, boots
 * disposable containers from the published digests, probes them, and only then moves a channel's
 * tag, in all registries or in none. What is released, and how it is verified, is in `release.yaml`.
 */
import {
  argument,
  type Changeset,
  check,
  dag,
  type Directory,
  type File,
  func,
  generate,
  object,
  type Secret,
} from "@dagger.io/dagger";
import { aroundChange, aroundRollback, tellingFailure } from "./announce/around-change.ts";
import { notesOf } from "./announce/notes.ts";
import { announceChannel } from "./announce/of-channel.ts";
import { announceMerge } from "./announce/of-merge.ts";
import { withReleaseLog } from "./announce/release-log.ts";
import { checkTemplates } from "./announce/sinks.ts";
import { artifactsOf } from "./artifacts/of-commit.ts";
import { schemaFiles } from "./artifacts/schema-files.ts";
import { buildData } from "./build/data.ts";
import { buildImages } from "./build/images.ts";
import { buildNames } from "./build/names.ts";
import { selectServices } from "./build/select.ts";
import { findCandidate } from "./candidate/find.ts";
import { recordCandidate } from "./candidate/record.ts";
import { approve, reject } from "./candidate/statements.ts";
import { checkCompose, composeOf, withCompose } from "./compose/of-channel.ts";
import { compareTargets } from "./deploy/compare.ts";
import { deploy, deploymentAsked, rollBackTarget } from "./deploy/deploy.ts";
import { systemdFiles } from "./deploy/systemd.ts";
import { watchPlace } from "./deploy/watch.ts";
import { findEvidence } from "./evidence/find.ts";
import { downloadFiles } from "./files/download.ts";
import { given } from "./given.ts";
import { firstPipeline } from "./init/first-pipeline.ts";
import { lockByHand, unlock } from "./lock/by-hand.ts";
import { Build } from "./objects/build.ts";
import { Candidate } from "./objects/candidate.ts";
import { Comparison } from "./objects/comparison.ts";
import { Deployment } from "./objects/deployment.ts";
import { Promotion } from "./objects/promotion.ts";
import { History } from "./objects/history.ts";
import { Plan } from "./objects/plan.ts";
import { Status } from "./objects/status.ts";
import { Verification } from "./objects/verification.ts";
import { Watch } from "./objects/watch.ts";
import { pipelineJsonSchema } from "./pipeline/json-schema.ts";
import { channelNamed } from "./promote/channel.ts";
import { cutReleaseTag, reconcileBranch } from "./promote/git-verbs.ts";
import { planPromotion } from "./promote/plan.ts";
import { promote } from "./promote/promote.ts";
import { rollback } from "./promote/rollback.ts";
import { recoverChannel } from "./promote/recover-channel.ts";
import { waitMs } from "./promote/wait.ts";
import { proposeRelease } from "./propose/propose.ts";
import { publishCandidate } from "./publish/publish.ts";
import { DOCKER_CONFIG } from "./registries/logins.ts";
import { initialSettings, openRelease, type SecretUse, withSecretUse } from "./release.ts";
import { withFiles } from "./report/files.ts";
import { jsonText, say } from "./report/output.ts";
import { checkedCommit, commitOf } from "./source/commit.ts";
import { revisionOf } from "./source/revision.ts";
import { checkLedger } from "./status/check-ledger.ts";
import { historyOf } from "./status/history.ts";
import { statusOf } from "./status/status.ts";
import { runVerification } from "./verify/run.ts";
import { selectImages } from "./verify/select.ts";

/** Releases container services by promoting the exact bytes that were tested. */
@object()
export class Sluice {
  readonly source: Directory;
  settings: string;
  readonly secrets: Secret[];

  /**
   * @param source The repository to release, with its .git
   * @param pipeline Path of the pipeline file in it
   * @param registryAuth Docker's config.json, with credentials for the registries
   * @param ghcrToken Token for ghcr.io
   * @param dockerhubToken Password or token for Docker Hub; the pipeline file names the user
   * @param gitToken Token for the git remote over HTTPS; on GitHub it also reads the checks of a commit
   * @param gitSshKey Private key for the git remote over SSH
   * @param gitKnownHosts The remote's host keys, as ssh-keyscan prints them
   * @param operator Who acts: a name for the lock and the ledger
   * @param githubToken Token for GitHub's API; by default the git token
   * @param settingsFile Values that the pipeline file demands under settings, a NAME=value each line
   * @param runUrl Address of the CI run that acts, for links
   */
  constructor(
    @argument({
      defaultPath: "/",
      ignore: ["**/node_modules", "**/.venv", "**/__pycache__", "**/.artifacts"],
    })
    source: Directory,
    pipeline: string | null = "release.yaml",
    registryAuth?: Secret,
    ghcrToken?: Secret,
    dockerhubToken?: Secret,
    gitToken?: Secret,
    gitSshKey?: Secret,
    gitKnownHosts?: Secret,
    operator: string | null = "somebody",
    githubToken?: Secret,
    settingsFile?: Secret,
    runUrl?: string,
  ) {
    this.source = source;
    this.settings = initialSettings(
      pipeline ?? "release.yaml",
      operator ?? "somebody",
      runUrl ?? "",
    );
    this.secrets = [];
    if (registryAuth) this.withRegistryAuth(DOCKER_CONFIG, "", registryAuth);
    if (ghcrToken) this.withRegistryAuth("ghcr.io", "", ghcrToken);
    if (dockerhubToken) this.withRegistryAuth("docker.io", "", dockerhubToken);
    if (gitToken) this.withSecret({ use: "git-token" }, gitToken);
    if (gitSshKey) this.withSecret({ use: "git-ssh-key" }, gitSshKey);
    if (gitKnownHosts) this.withSecret({ use: "git-known-hosts" }, gitKnownHosts);
    if (githubToken) this.withSecret({ use: "github-token" }, githubToken);
    if (settingsFile) this.withSecret({ use: "settings-file" }, settingsFile);
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
    return this.withSecret({ use: "registry", address, username }, secret);
  }

  /**
   * Gives a value that the pipeline file demands under `settings`
   *
   * @param name Name of the value, such as AZURE_TENANT_ID
   * @param value The value itself
   */
  @func()
  withSetting(name: string, value: Secret): Sluice {
    return this.withSecret({ use: "setting", name }, value);
  }

  private withSecret(use: SecretUse, secret: Secret): Sluice {
    this.settings = withSecretUse(this.settings, use);
    this.secrets.push(secret);
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
    service?: string[],
    commit?: string,
    version?: string,
    created?: string,
  ): Promise<Build> {
    const args = given({ commit, version, created });
    const names = buildNames(args.version, args.created);
    const { pipeline } = await openRelease(this);
    const services = selectServices(pipeline, service ?? []);
    const revision = await revisionOf(this.source, args.commit);
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
    const args = given({ commit, version, created });
    const names = buildNames(args.version, args.created);
    const release = await openRelease(this);
    const revision = await revisionOf(this.source, args.commit);
    const build = async () =>
      (await buildImages(release.pipeline.services, revision, names)).images;
    const candidate = await publishCandidate({ ...release, revision, build, onProgress: say });
    await recordCandidate(release, candidate, say);
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
    const asked = given({ commit });
    const wanted = await commitOf(this.source, asked.commit);
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
   * @param channel Channel that it is for, whose followers are told of a failure; by default the tag's
   */
  @func({ cache: "never" })
  async smokeVerify(
    commit?: string,
    tag?: string,
    registry?: string,
    allowFailure?: boolean,
    channel?: string,
  ): Promise<Verification> {
    const release = await openRelease(this);
    const images = await selectImages(release, given({ commit, tag, registry }));
    const about = { ...given({ channel, tag }), commit: images.commit };
    const options = { allowFailure: allowFailure ?? false, onProgress: say };
    const verify = () => runVerification(release, images, options);
    return Verification.of(await tellingFailure(release, about, say, verify));
  }

  /**
   * What a promotion would do, and which gates let it
   *
   * Prints every gate with pass or fail and why, and the tag moves that would follow. Changes nothing.
   *
   * @param channel Name of the channel in the pipeline file
   * @param commit Commit to promote, in full; by default HEAD
   * @param release Git tag to promote as, where several stand on the commit
   * @param replay The commit was chosen by a person: it need not be the head of its branch any more
   */
  @func({ cache: "never" })
  async plan(channel: string, commit?: string, release?: string, replay?: boolean): Promise<Plan> {
    const wanted = given({ channel, commit, release, replay: replay ?? false });
    return Plan.of(await planPromotion(await openRelease(this), wanted));
  }

  /**
   * Verifies a candidate, then moves a channel's tag to it in every registry
   *
   * Asks every gate, takes the channel's lock, moves tags by manifest, all or none, reads each back,
   * and records it in the ledger. Moves nothing when a gate or the verification does not pass. What
   * an earlier run left in the middle is finished or undone first.
   *
   * @param channel Name of the channel in the pipeline file
   * @param commit Commit to promote, in full; by default HEAD
   * @param registry Name of the registry to verify from; by default the channel's own
   * @param release Git tag to promote as, where several stand on the commit
   * @param replay The commit was chosen by a person: it need not be the head of its branch any more
   * @param reason Why, for the lock and the ledger
   * @param wait How long to wait for another run's lock, such as 10m; by default not at all
   * @param note What people are told besides, a "Heading: text" each line, such as "Follow-up: watch the queue"
   */
  @func({ cache: "never" })
  async promote(
    channel: string,
    commit?: string,
    registry?: string,
    release?: string,
    replay?: boolean,
    reason?: string,
    wait?: string,
    note?: string,
  ): Promise<Promotion> {
    const asked = given({ channel, commit, registry, release, replay, reason });
    const wanted = { ...asked, waitMs: waitMs(wait) };
    const notes = notesOf(note);
    const opened = await openRelease(this);
    const tested = await commitOf(this.source, asked.commit);
    const about = { channel, commit: tested, notes };
    const work = () => promote(opened, { ...wanted, commit: tested }, say);
    return Promotion.of(await aroundChange(opened, about, say, work));
  }

  /**
   * Moves a channel back to something that it held before
   *
   * By the recorded digests, which are verified once more, under the same lock. What it held until
   * now can't be promoted there again, until something newer was.
   *
   * @param channel Name of the channel in the pipeline file
   * @param reason Why, for everybody who looks at it later
   * @param to Commit, or the git tag it was promoted as; by default what the channel held before
   * @param registry Name of the registry to verify from; by default the channel's own
   * @param wait How long to wait for another run's lock, such as 10m; by default not at all
   * @param note What people are told besides, a "Heading: text" each line, such as "Root cause: a full disk"
   */
  @func({ cache: "never" })
  async rollback(
    channel: string,
    reason: string,
    to?: string,
    registry?: string,
    wait?: string,
    note?: string,
  ): Promise<Promotion> {
    const wanted = { ...given({ channel, reason, to, registry }), waitMs: waitMs(wait) };
    const opened = await openRelease(this);
    const notes = notesOf(note);
    const work = () => rollback(opened, wanted, say);
    return Promotion.of(await aroundRollback(opened, { channel, notes }, say, work));
  }

  /**
   * Deploys what a channel holds to Fly.io, by digest
   *
   * Runs the official flyctl, reads back which digest each machine runs, and asks the app's own URL.
   * What its URL does not confirm is taken back to what ran before.
   *
   * @param target Name of the target in the pipeline file; by default the only one on Fly.io
   * @param to Commit, or the git tag it was promoted as; by default what the channel holds
   * @param replay A person chose it: it may be something that the channel held before
   * @param dryRun Say what would be done and told, exactly, and change nothing
   * @param reason Why, for the ledger and whoever is told
   * @param note What people are told besides, a "Heading: text" each line, such as "Runbook updates: none"
   * @param wait How long to wait for another run's lock, such as 10m; by default not at all
   */
  @func({ cache: "never" })
  async deployFly(
    target?: string,
    to?: string,
    replay?: boolean,
    dryRun?: boolean,
    reason?: string,
    note?: string,
    wait?: string,
  ): Promise<Deployment> {
    const wanted = deploymentAsked("fly", { target, to, dryRun, reason, note, wait, replay });
    return Deployment.of(await deploy(await openRelease(this), wanted, say));
  }

  /**
   * Takes an app on Fly.io back to what ran there before, by its recorded digest
   *
   * What is taken away is not deployed there again, until something newer was.
   *
   * @param reason Why, for everybody who looks at it later
   * @param target Name of the target in the pipeline file; by default the only one on Fly.io
   * @param to Commit, or git tag; by default what ran before
   * @param dryRun Say what would be done and told, exactly, and change nothing
   * @param note What people are told besides, a "Heading: text" each line, such as "Root cause: a full disk"
   * @param wait How long to wait for another run's lock, such as 10m; by default not at all
   */
  @func({ cache: "never" })
  async rollbackFly(
    reason: string,
    target?: string,
    to?: string,
    dryRun?: boolean,
    note?: string,
    wait?: string,
  ): Promise<Deployment> {
    const wanted = deploymentAsked("fly", { target, to, dryRun, reason, note, wait });
    return Deployment.of(await rollBackTarget(await openRelease(this), wanted, say));
  }

  /**
   * Deploys what a channel holds to a host with Docker Compose, by digest, over SSH
   *
   * Keeps the manifest that it replaces. What does not become healthy there, or what its URL does not
   * confirm, is taken back to it.
   *
   * @param target Name of the target in the pipeline file; by default the only Compose host
   * @param slot Number of the slot, where the target has several
   * @param to Commit, or the git tag it was promoted as; by default what the channel holds
   * @param replay A person chose it: it may be something that the channel held before
   * @param dryRun Say what would be done and told, exactly, and change nothing
   * @param reason Why, for the ledger and whoever is told
   * @param note What people are told besides, a "Heading: text" each line
   * @param wait How long to wait for another run's lock, such as 10m; by default not at all
   */
  @func({ cache: "never" })
  async deployCompose(
    target?: string,
    slot?: number,
    to?: string,
    replay?: boolean,
    dryRun?: boolean,
    reason?: string,
    note?: string,
    wait?: string,
  ): Promise<Deployment> {
    const wanted = deploymentAsked("compose", {
      target,
      slot,
      to,
      dryRun,
      reason,
      note,
      wait,
      replay,
    });
    return Deployment.of(await deploy(await openRelease(this), wanted, say));
  }

  /**
   * Takes a Compose host back to what ran there before, by the recorded digests
   *
   * @param reason Why, for everybody who looks at it later
   * @param target Name of the target in the pipeline file; by default the only Compose host
   * @param slot Number of the slot, where the target has several
   * @param to Commit, or git tag; by default what ran before
   * @param dryRun Say what would be done and told, exactly, and change nothing
   * @param note What people are told besides, a "Heading: text" each line
   * @param wait How long to wait for another run's lock, such as 10m; by default not at all
   */
  @func({ cache: "never" })
  async rollbackCompose(
    reason: string,
    target?: string,
    slot?: number,
    to?: string,
    dryRun?: boolean,
    note?: string,
    wait?: string,
  ): Promise<Deployment> {
    const wanted = deploymentAsked("compose", { target, slot, to, dryRun, reason, note, wait });
    return Deployment.of(await rollBackTarget(await openRelease(this), wanted, say));
  }

  /**
   * Deploys what a channel holds to Azure Container Apps, by digest
   *
   * Applies identity and infrastructure where the candidate changes them, runs the migration job with
   * the accepted image, then deploys every app, and looks at each revision's own health and the URL.
   *
   * @param target Name of the target in the pipeline file; by default the only one on Container Apps
   * @param to Commit, or the git tag it was promoted as; by default what the channel holds
   * @param replay A person chose it: it may be something that the channel held before
   * @param dryRun Say what would be done and told, exactly, and change nothing
   * @param reason Why, for the ledger and whoever is told
   * @param note What people are told besides, a "Heading: text" each line
   * @param wait How long to wait for another run's lock, such as 10m; by default not at all
   */
  @func({ cache: "never" })
  async deployContainerApps(
    target?: string,
    to?: string,
    replay?: boolean,
    dryRun?: boolean,
    reason?: string,
    note?: string,
    wait?: string,
  ): Promise<Deployment> {
    const wanted = deploymentAsked("containerApps", {
      target,
      to,
      dryRun,
      reason,
      note,
      wait,
      replay,
    });
    return Deployment.of(await deploy(await openRelease(this), wanted, say));
  }

  /**
   * Takes Container Apps back to what ran there before, by the recorded digests
   *
   * @param reason Why, for everybody who looks at it later
   * @param target Name of the target in the pipeline file; by default the only one on Container Apps
   * @param to Commit, or git tag; by default what ran before
   * @param dryRun Say what would be done and told, exactly, and change nothing
   * @param note What people are told besides, a "Heading: text" each line
   * @param wait How long to wait for another run's lock, such as 10m; by default not at all
   */
  @func({ cache: "never" })
  async rollbackContainerApps(
    reason: string,
    target?: string,
    to?: string,
    dryRun?: boolean,
    note?: string,
    wait?: string,
  ): Promise<Deployment> {
    const wanted = deploymentAsked("containerApps", { target, to, dryRun, reason, note, wait });
    return Deployment.of(await rollBackTarget(await openRelease(this), wanted, say));
  }

  /**
   * Compares what targets say of themselves: environment, slot, branch, commit, time
   *
   * Asks each target's version URL, such as /api/version, and marks what differs.
   *
   * @param target Names of targets, or of slots such as staging/1; by default all that have a version
   */
  @func({ cache: "never" })
  async compareVersions(target?: string[]): Promise<Comparison> {
    return Comparison.of(await compareTargets(await openRelease(this), target ?? []));
  }

  /**
   * Watches a target's health and logs for a set time, and writes down how it went
   *
   * @param target Name of the target in the pipeline file; by default the only one
   * @param slot Number of the slot, where the target has several
   * @param duration How long, such as 10m
   */
  @func({ cache: "never" })
  async watch(target?: string, slot?: number, duration: string | null = "2m"): Promise<Watch> {
    const wanted = given({ target, slot, duration: duration ?? "2m" });
    return Watch.of(await watchPlace(await openRelease(this), wanted, say));
  }

  /**
   * Tells people of what a channel and its targets hold now, and what could not be told before
   *
   * Told twice, it is told once: each event is found again by its mark.
   *
   * @param channel Name of the channel in the pipeline file
   * @param dryRun Print the exact texts, and tell nobody
   * @param note What people are told besides, a "Heading: text" each line, such as "Follow-up: watch the queue"
   */
  @func({ cache: "never" })
  async announce(channel: string, dryRun?: boolean, note?: string): Promise<string> {
    const wanted = { channel, dryRun: dryRun ?? false, notes: notesOf(note) };
    return announceChannel(await openRelease(this), wanted, say);
  }

  /**
   * Tells the threads that follow a branch what was merged into it
   *
   * @param commit Commit, in full; by default HEAD
   * @param dryRun Print the exact texts, and tell nobody
   * @param note What people are told besides, a "Heading: text" each line
   */
  @func({ cache: "never" })
  async announceMerge(commit?: string, dryRun?: boolean, note?: string): Promise<string> {
    const asked = given({ commit });
    const notes = notesOf(note);
    const release = await openRelease(this);
    const wanted = { commit: await commitOf(this.source, asked.commit), dryRun: dryRun ?? false };
    return announceMerge(release, { ...wanted, notes }, say);
  }

  /**
   * Cuts a release branch, and opens a pull request from it to a channel's branch
   *
   * @param channel Name of a channel with a branch
   * @param commit Commit, in full; by default HEAD
   * @param name Name of the branch; by default release/<date>
   * @param dryRun Print what would be done, and do nothing
   */
  @func({ cache: "never" })
  async proposeRelease(
    channel: string,
    commit?: string,
    name?: string,
    dryRun?: boolean,
  ): Promise<string> {
    const asked = given({ channel, commit, name, dryRun: dryRun ?? false });
    const release = await openRelease(this);
    const wanted = { ...asked, commit: await commitOf(this.source, asked.commit) };
    return proposeRelease(release, wanted, say);
  }

  /**
   * The files of a service that is files, such as firmware, with their checksums
   *
   * By the digest that a channel holds, or of a commit; every file is checked while it is read.
   *
   * @param service Name of the service; by default the only one that is files
   * @param channel Name of a channel; by default those of the commit
   * @param commit Commit, in full; by default HEAD
   */
  @func({ cache: "never" })
  async files(service?: string, channel?: string, commit?: string): Promise<Directory> {
    const asked = given({ service, channel, commit });
    const release = await openRelease(this);
    if (asked.channel) return downloadFiles(release, asked);
    const wanted = await commitOf(this.source, asked.commit);
    return downloadFiles(release, { ...asked, commit: wanted });
  }

  /**
   * A systemd service and timer for a host that deploys itself: it follows a target's channel
   *
   * @param target Name of the target in the pipeline file; by default the only Compose host
   * @param slot Number of the slot, where the target has several
   * @param every How long to wait between two looks, such as 5m
   * @param checkout Where the host has the repository
   * @param user Whom the service runs as
   * @param sluice Where the host has the launcher
   * @param credentials Names of the options that take credentials, each from a variable like it; by
   *   default registry-auth
   */
  @func()
  async systemdUnits(
    target?: string,
    slot?: number,
    every: string | null = "5m",
    checkout: string | null = "/srv/release",
    user: string | null = "deploy",
    sluice: string | null = "/usr/local/bin/sluice",
    credentials?: string[],
  ): Promise<Directory> {
    const { pipeline } = await openRelease(this);
    const wanted = {
      ...given({ target, slot }),
      every: every ?? "5m",
      checkout: checkout ?? "/srv/release",
      user: user ?? "deploy",
      sluice: sluice ?? "/usr/local/bin/sluice",
      credentials: credentials ?? ["registry-auth"],
    };
    return withFiles(dag.directory(), systemdFiles(pipeline, wanted));
  }

  /**
   * Finishes or undoes what a run left behind that was cut off
   *
   * @param channel Name of the channel in the pipeline file
   * @param wait How long to wait for another run's lock, such as 10m; by default not at all
   */
  @func({ cache: "never" })
  async recover(channel: string, wait?: string): Promise<string> {
    const release = await openRelease(this);
    const wanted = {
      channel: channelNamed(release.pipeline, channel),
      ...{ command: `recover --channel ${channel}`, waitMs: waitMs(wait) },
    };
    const done = await recoverChannel(release, wanted, say);
    return done ?? `nothing was left in the middle on ${channel}`;
  }

  /**
   * What runs where: what each channel holds, by the ledger and in every registry, right now
   *
   * Names what is not as the ledger says, and what to do about it.
   *
   * @param channel Name of a channel; by default all
   */
  @func({ cache: "never" })
  async status(channel?: string): Promise<Status> {
    const asked = given({ channel });
    return Status.of(await statusOf(await openRelease(this), asked.channel));
  }

  /**
   * What happened to channels and commits, newest first, by the ledger
   *
   * @param channel Name of a channel; by default all
   * @param commit Commit, in full: what is known of it, instead
   * @param limit How many records of each
   */
  @func({ cache: "never" })
  async history(channel?: string, commit?: string, limit: number | null = 20): Promise<History> {
    const wanted = given({ channel, commit, limit: limit ?? 20 });
    return History.of(await historyOf(await openRelease(this), wanted));
  }

  /**
   * Reads the whole ledger, and names every record that is missing, replaced, or not what it should be
   *
   * Fails when there is any.
   */
  @func({ cache: "never" })
  async checkLedger(): Promise<string> {
    return checkLedger(await openRelease(this));
  }

  /**
   * What the ledger says of a commit, as files below .artifacts
   *
   * acceptance/<sha>/evidence-manifest.json with the last verification's report, and
   * production/<sha>/deployment-record.json and result.json once it was promoted.
   *
   * @param commit Commit, in full; by default HEAD
   * @param channel Name of the channel that is production; by default the last one
   */
  @func({ cache: "never" })
  async artifacts(commit?: string, channel?: string): Promise<Directory> {
    const asked = given({ commit, channel });
    const release = await openRelease(this);
    return artifactsOf(release, await commitOf(this.source, asked.commit), asked.channel);
  }

  /**
   * Agrees to the promotion of a commit to a channel, as --operator
   *
   * Channels that demand approvals count different people.
   *
   * @param channel Name of the channel in the pipeline file
   * @param commit Commit, in full; by default HEAD
   * @param note What was looked at
   */
  @func({ cache: "never" })
  async approve(channel: string, commit?: string, note?: string): Promise<History> {
    const wanted = given({ channel, commit, note: note ?? "" });
    return History.of([await approve(await openRelease(this), wanted)]);
  }

  /**
   * Refuses a commit for good: it can't be promoted any more
   *
   * @param reason Why, for everybody who tries
   * @param commit Commit, in full; by default HEAD
   */
  @func({ cache: "never" })
  async reject(reason: string, commit?: string): Promise<History> {
    const wanted = given({ reason, commit });
    return History.of([await reject(await openRelease(this), wanted)]);
  }

  /**
   * A Compose manifest of what a channel holds, every image pinned by digest
   *
   * @param channel Name of a channel; by default the one under compose in the pipeline file
   * @param registry Name of the registry to pull from; by default the one under compose
   */
  @func({ cache: "never" })
  async compose(channel?: string, registry?: string): Promise<File> {
    const asked = given({ channel, registry });
    const text = await composeOf(await openRelease(this), asked.channel, asked.registry);
    return dag.directory().withNewFile("compose.yaml", text).file("compose.yaml");
  }

  /** Writes the source's Compose manifest anew, from what its channel holds */
  @func({ cache: "never" })
  @generate()
  async generateCompose(): Promise<Changeset> {
    const release = await openRelease(this);
    return (await withCompose(release)).changes(this.source);
  }

  /** Adds what the ledger knows of releases to the source's Markdown log of them */
  @func({ cache: "never" })
  @generate()
  async generateReleaseLog(): Promise<Changeset> {
    const release = await openRelease(this);
    return (await withReleaseLog(release)).changes(this.source);
  }

  /** Checks that the source's Compose manifest pins what its channel holds */
  @func({ cache: "never" })
  @check()
  async composeCurrent(): Promise<void> {
    await checkCompose(await openRelease(this));
  }

  /**
   * Locks a channel until somebody unlocks it: nobody can promote or roll back meanwhile
   *
   * @param channel Name of the channel in the pipeline file
   * @param reason Why, for everybody who is kept out
   */
  @func({ cache: "never" })
  async lock(channel: string, reason: string): Promise<string> {
    return lockByHand(await openRelease(this), channel, reason);
  }

  /**
   * Takes a channel's lock away, whoever holds it
   *
   * What the run that held it left in the middle is seen to by the next promotion, or by recover.
   *
   * @param channel Name of the channel in the pipeline file
   * @param claim The lock's claim, as status shows it: no other lock is taken away
   */
  @func({ cache: "never" })
  async unlock(channel: string, claim: string): Promise<string> {
    return unlock(await openRelease(this), channel, claim);
  }

  /**
   * Cuts an annotated git tag on the remote
   *
   * @param name Name of the tag; by default today's calendar tag, such as v2026.01.31
   * @param commit Commit, in full; by default HEAD
   * @param message Message of the tag; by default "Release <name>"
   */
  @func({ cache: "never" })
  async cutTag(name?: string, commit?: string, message?: string): Promise<string> {
    const wanted = given({ name, commit, message });
    return cutReleaseTag(await openRelease(this), wanted);
  }

  /**
   * Resets a channel's branch to a commit that is not ahead of it
   *
   * For histories that have drifted apart, once: the old head is kept under a tag first. Without
   * --confirm it says what would happen and what to type, and changes nothing.
   *
   * @param channel Name of the channel in the pipeline file
   * @param commit Commit, in full; by default HEAD
   * @param confirm The words that it asked for
   */
  @func({ cache: "never" })
  async reconcile(channel: string, commit?: string, confirm?: string): Promise<string> {
    const wanted = given({ channel, commit, confirm });
    return reconcileBranch(await openRelease(this), wanted);
  }

  /**
   * The report of the newest verification that did not pass: logs, probes, verdict
   *
   * From this engine, or from the ledger, whatever machine it ran on.
   *
   * @param commit Commit that was verified, in full; by default the last one on this engine
   */
  @func({ cache: "never" })
  async evidence(commit?: string): Promise<Directory> {
    return findEvidence(await openRelease(this), commit ? checkedCommit(commit) : undefined);
  }

  /**
   * Checks the pipeline file
   *
   * Names every fault at once, with its line, its path, what was found and what is expected.
   */
  @func()
  @check()
  async validate(): Promise<void> {
    await checkTemplates(await openRelease(this));
  }

  /** JSON Schema of everything that others read: ledger records, evidence, promotions, status, … */
  @func()
  schemas(): Directory {
    return withFiles(dag.directory(), schemaFiles());
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

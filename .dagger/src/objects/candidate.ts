import { dag, type Directory, type File, func, object, type Secret } from "@dagger.io/dagger";
import { type CandidateData, candidateSchema } from "../candidate/model.ts";
import { candidateSummary } from "../candidate/summary.ts";
import { given } from "../given.ts";
import { promote } from "../promote/promote.ts";
import { openRelease, type ReleaseState } from "../release.ts";
import { jsonText, say } from "../report/output.ts";
import { runVerification } from "../verify/run.ts";
import { selectImages } from "../verify/select.ts";
import { Promotion } from "./promotion.ts";
import { Verification } from "./verification.ts";

/** The images that a commit became, by digest, in every registry. */
@object()
export class Candidate {
  /** The commit, in full. */
  @func()
  commit: string;

  readonly data: string;
  readonly source: Directory;
  readonly settings: string;
  readonly secrets: Secret[];

  constructor(
    commit: string,
    data: string,
    source: Directory,
    settings: string,
    secrets: Secret[],
  ) {
    this.commit = commit;
    this.data = data;
    this.source = source;
    this.settings = settings;
    this.secrets = secrets;
  }

  /** The object that stands for a candidate. */
  static of(candidate: CandidateData, release: ReleaseState): Candidate {
    const { source, settings, secrets } = release;
    return new Candidate(candidate.commit, jsonText(candidate), source, settings, secrets);
  }

  /** Digest and references of each service, as JSON. */
  @func()
  json(): string {
    return this.data;
  }

  /** Digest and registries of each service, for people. */
  @func()
  summary(): string {
    return candidateSummary(candidateSchema.parse(JSON.parse(this.data)));
  }

  /** The candidate as a file, candidate.json. */
  @func()
  file(): File {
    return dag.directory().withNewFile("candidate.json", this.data).file("candidate.json");
  }

  /**
   * Boots the candidate from its digests and probes it
   *
   * Fails when it does not pass.
   *
   * @param registry Name of the registry to pull from; by default the first one of the pipeline file
   * @param allowFailure Give back the result of a candidate that does not pass, too
   */
  @func({ cache: "never" })
  async smokeVerify(registry?: string, allowFailure?: boolean): Promise<Verification> {
    const release = await openRelease(this);
    const images = await selectImages(release, given({ commit: this.commit, registry }));
    const options = { allowFailure: allowFailure ?? false, onProgress: say };
    return Verification.of(await runVerification(release, images, options));
  }

  /**
   * Verifies the candidate, then moves a channel's tag to it in every registry
   *
   * @param channel Name of the channel in the pipeline file
   * @param registry Name of the registry to verify from; by default the channel's own
   */
  @func({ cache: "never" })
  async promote(channel: string, registry?: string): Promise<Promotion> {
    const wanted = given({ channel, commit: this.commit, registry });
    return Promotion.of(await promote(await openRelease(this), wanted, say));
  }
}

import type { History } from "../git/history.ts";
import type { Holding, LedgerRecord } from "../ledger/model.ts";
import type { Check } from "./checks/check.ts";
import type { ImageSignature } from "./signed/signature.ts";

/**
 * What the gates of a promotion look at. Functions are asked when a gate needs them, and may throw:
 * a gate that can't find out fails.
 */
export interface GateFacts {
  /** What is to be promoted; 40 hex digits. */
  readonly commit: string;
  /** Digest of its image by service. */
  readonly digests: Readonly<Record<string, string>>;
  readonly history: History;
  /** What the channel holds now, and the commits that it was rolled back from. */
  readonly channelState: { readonly holds: Holding | null; readonly blocked: readonly string[] };
  /** Names of values that are given and not empty. */
  readonly settings: ReadonlySet<string>;
  /** True when a person named the commit to promote it again. */
  readonly replay: boolean;
  /** Git tag to promote as, when several stand on the commit. */
  readonly wantedRelease?: string;
  /** What another channel holds; null while it holds nothing. */
  holding(channel: string): Promise<Holding | null>;
  /** What the ledger says of a commit, the oldest record first. */
  commitRecords(commit: string): Promise<readonly LedgerRecord[]>;
  /** CI checks of a commit, each in its latest run. */
  checks(commit: string): Promise<readonly Check[]>;
  /** Artifact types of what refers to a service's image, in any registry. */
  referrers(service: string): Promise<readonly string[]>;
  /** Signatures that lie beside a service's image, in any registry. */
  signatures(service: string): Promise<readonly ImageSignature[]>;
  /** A value that is given and not empty. */
  setting(name: string): Promise<string | undefined>;
  now(): Date;
}

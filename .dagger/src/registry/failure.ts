import { SluiceError, type SluiceErrorOptions } from "../error.ts";

/** Why a registry did not do what was asked. */
export type RegistryErrorCode =
  | "REGISTRY_UNREACHABLE"
  | "REGISTRY_TIMEOUT"
  | "REGISTRY_UNAVAILABLE"
  | "REGISTRY_RATE_LIMITED"
  | "REGISTRY_UNAUTHORIZED"
  | "REGISTRY_DENIED"
  | "REGISTRY_REFUSED"
  | "REGISTRY_PROTOCOL"
  | "REGISTRY_REDIRECT"
  | "REGISTRY_TLS"
  | "REGISTRY_FULL"
  | "REGISTRY_ANSWER_TOO_LARGE"
  | "REPOSITORY_NOT_FOUND"
  | "MANIFEST_NOT_FOUND"
  | "BLOB_NOT_FOUND"
  | "UPLOAD_LOST"
  | "UPLOAD_TOO_LARGE"
  | "DIGEST_MISMATCH"
  | "TAG_UNCONFIRMED";

interface RegistryErrorOptions extends SluiceErrorOptions {
  /** HTTP status, when there was an answer. */
  status?: number;
  /** True when asking once more may help. */
  transient?: boolean;
  /** How long the registry asked to wait; milliseconds. */
  retryAfterMs?: number;
}

/** A registry did not do what was asked. */
export class RegistryError extends SluiceError {
  readonly status: number | undefined;
  readonly transient: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    override readonly code: RegistryErrorCode,
    reason: string,
    { status, transient = false, retryAfterMs, ...options }: RegistryErrorOptions = {},
  ) {
    super(code, reason, options);
    this.status = status;
    this.transient = transient;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What the operator can do about it. */
export const hints: Readonly<Partial<Record<RegistryErrorCode, string>>> = {
  REGISTRY_UNREACHABLE: "check the registry's address and the network, then run this again",
  REGISTRY_TIMEOUT: "check that the registry is up, then run this again",
  REGISTRY_UNAVAILABLE: "wait for the registry to recover, then run this again",
  REGISTRY_RATE_LIMITED: "wait, or sign in for a higher limit, then run this again",
  REGISTRY_UNAUTHORIZED:
    "give credentials for this registry: --registry-auth, --ghcr-token, --dockerhub-token or with-registry-auth",
  REGISTRY_DENIED: "use credentials that may read and write this repository",
  REGISTRY_TLS:
    "check the address, and that the system trusts the registry's certificate: on a Dagger engine by the engine's own authorities, else by NODE_EXTRA_CA_CERTS",
  REGISTRY_FULL: "free space in the registry, or raise its quota, then run this again",
  REPOSITORY_NOT_FOUND: "create the repository in its registry, then run this again",
  BLOB_NOT_FOUND: "the image is incomplete in its registry: publish it again",
  UPLOAD_LOST:
    "run this again; if it stays so, the registry's replicas may not share their uploads",
  UPLOAD_TOO_LARGE: "raise the size limit of the registry, or of the proxy before it",
  MANIFEST_NOT_FOUND: "publish it first, or check the commit or tag",
};

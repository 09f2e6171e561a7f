/** What Node calls the ways in which a certificate is not to be trusted, for people. */
const UNTRUSTED: Readonly<Record<string, string | undefined>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "it is signed by an authority that is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate of its issuer is missing",
  UNABLE_TO_GET_ISSUER_CERT: "the certificate of its issuer is missing",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "it is signed by an authority that is not known here",
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet",
  CERT_REVOKED: "it was revoked",
  ERR_TLS_CERT_ALTNAME_INVALID: "it was issued for another host name",
};

/** Why there was no answer, in a few words; Node hides the errors of several addresses in one. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { code = "" } = error as NodeJS.ErrnoException;
  const untrusted = UNTRUSTED[code];
  if (untrusted !== undefined) return `the certificate is not valid: ${untrusted} (${code})`;
  switch (code) {
    case "ECONNREFUSED":
      return "the connection was refused";
    case "ECONNRESET":
      return "the connection was closed without an answer";
    case "ENOTFOUND":
      return "no host of this name is known (ENOTFOUND)";
    case "EAI_AGAIN":
      return "the host name can't be looked up now (EAI_AGAIN)";
    case "EPROTO":
      return "what answers does not speak TLS as it should (EPROTO)";
    default:
      return error.message;
  }
}

import * as tls from "node:tls";

let areTrusted = false;

/**
 * Trusts the certificates that this system trusts, besides those that Node.js brings along: that is
 * where an engine puts the authorities of its operators, whose registries and git servers it talks
 * to. Node.js before 22.19 can't; there NODE_EXTRA_CA_CERTS does, as it does where it is set.
 */
export function trustSystemAuthorities(): void {
  // A process serves many calls, and reading them takes some 40 ms.
  if (areTrusted) return;
  areTrusted = true;
  if (!("setDefaultCACertificates" in tls) || process.env.NODE_EXTRA_CA_CERTS !== undefined) return;
  const known = tls.getCACertificates("default");
  tls.setDefaultCACertificates([...new Set([...known, ...tls.getCACertificates("system")])]);
}

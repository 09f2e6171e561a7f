import { proveUrl } from "../../.dagger/src/prove/url.ts";
import { healthProbe, newCommit, versionEndpoint } from "./publicSite.ts";

/** Proves a URL within so many milliseconds, with the certificates that its process was started with. */
const deadlineMs = Number(process.argv[3]);
const proof = await proveUrl({
  url: process.argv[2] ?? "",
  probes: [healthProbe({ deadlineMs, stableForMs: 100, intervalMs: 50 })],
  version: versionEndpoint,
  expected: { commit: newCommit },
});
console.log(JSON.stringify(proof));

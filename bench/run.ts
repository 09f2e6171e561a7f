/**
 * Compares Sluice with what people use instead, side by side in one run: `npm run bench`, or
 * `npm run bench -- warm-call` for one of them. Needs a quiet machine with Docker, and Docker
 * Compose v2 for smoke-verify (COMPOSE names another program than `docker compose`). retag and
 * copy-image need no Docker, but skopeo, and crane and regctl: set SLUICE_TEST_TOOLS to have them built.
 */
import { compare, report } from "./measure.ts";
import type { Suite, TableSuite } from "./suite.ts";
import { copyImages } from "./suites/copy-image.ts";
import { ledger } from "./suites/ledger.ts";
import { publishUnchanged } from "./suites/publish-unchanged.ts";
import { retag } from "./suites/retag.ts";
import { smokeVerify } from "./suites/smoke-verify.ts";
import { status } from "./suites/status.ts";
import { warmCall } from "./suites/warm-call.ts";
import { withExec } from "./suites/with-exec.ts";

const suites: (Suite | TableSuite)[] = [
  warmCall,
  withExec,
  publishUnchanged,
  smokeVerify,
  status,
  ledger,
  retag,
  copyImages,
];
const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (suites.some((suite) => suite.name === name)) continue;
  console.error(`no benchmark ${name}; there are: ${suites.map((one) => one.name).join(", ")}`);
  process.exit(2);
}
for (const suite of suites) {
  if (wanted.length > 0 && !wanted.includes(suite.name)) continue;
  if ("run" in suite) {
    console.log(await suite.run());
    continue;
  }
  const { ours, peer, also, tearDown } = await suite.setUp();
  try {
    console.log(report(suite.title, ours, peer, await compare(ours, peer, suite.runs)));
    if (also) console.log(await also());
  } finally {
    await tearDown();
  }
}

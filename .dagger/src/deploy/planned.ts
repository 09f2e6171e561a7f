import { dag } from "@dagger.io/dagger";
import { preview } from "../announce/announce.ts";
import { sinksOf } from "../announce/sinks.ts";
import { withFiles } from "../report/files.ts";
import { jsonText } from "../report/output.ts";
import { dataOf } from "./data.ts";
import type { Deployment } from "./finish.ts";
import type { DeploymentRun } from "./run.ts";
import { planSteps } from "./steps.ts";
import { endEvent } from "./tell.ts";

/** What a deployment would do, and the exact texts that people would be told. Changes nothing. */
export async function planned(run: DeploymentRun): Promise<Deployment> {
  const { release, place, wanted, reason = "" } = run;
  const { signal } = new AbortController();
  const steps = wanted.kind === "deployment" ? place.target.steps : [];
  const previousCommit = wanted.previous?.commit;
  const event = endEvent(run, { outcome: "succeeded", reason, previousCommit }, { sequence: 0 });
  const [deployment, texts] = await Promise.all([
    run.deployer(signal).plan(wanted),
    sinksOf(release).then((sinks) => preview(event, sinks)),
  ]);
  const plan = [
    ...planSteps({ steps, scope: wanted.scope }),
    ...deployment,
    ...Object.entries(texts).flatMap(([name, text]) => [`--- ${name}`, text]),
  ];
  const data = dataOf(run, { outcome: "planned", reason, plan });
  return { data, directory: withFiles(dag.directory(), { "deployment.json": jsonText(data) }) };
}

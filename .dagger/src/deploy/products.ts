import { toDeploymentHtml } from "../report/html/deployment.ts";
import { jsonText } from "../report/output.ts";
import type { DeploymentData } from "./model.ts";
import type { DeploymentRun } from "./run.ts";

/** Files of a deployment by path: its data, its page, and below `.artifacts` all that was kept. */
export function productsOf(
  { kept, wanted }: Pick<DeploymentRun, "kept" | "wanted">,
  data: DeploymentData,
): Record<string, string | Uint8Array> {
  const folder = `browser-evidence/${wanted.commit}/`;
  const screenshots = [...kept].flatMap(([path, content]) =>
    path.startsWith(folder) && typeof content !== "string"
      ? [[path.slice(folder.length), content] as const]
      : [],
  );
  const files = [...kept].map(([path, content]) => [`.artifacts/${path}`, content] as const);
  return {
    "deployment.json": jsonText(data),
    "report.html": toDeploymentHtml(data, Object.fromEntries(screenshots)),
    ...Object.fromEntries(files),
  };
}

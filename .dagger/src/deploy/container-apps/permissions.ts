import { z } from "zod";
import { SluiceError } from "../../error.ts";

/** What somebody may do with a resource, as Azure answers it. */
export const permissionsShape = z.object({
  value: z.array(
    z.object({ actions: z.array(z.string()), notActions: z.array(z.string()).nullish() }),
  ),
});
export type Permissions = z.infer<typeof permissionsShape>["value"];

/** What a deployment does with an app, and with the job that migrates. */
export const APP_ACTIONS = ["Microsoft.App/containerApps/write"];
export const JOB_ACTIONS = ["Microsoft.App/jobs/write", "Microsoft.App/jobs/start/action"];

/**
 * Whether all actions are allowed. Each role allows what its actions name, and its exceptions leave
 * out; both may have `*` in them.
 *
 * @throws SluiceError `CONTAINER_APPS_FORBIDDEN` that names the first one that is not
 */
export function demandActions(
  what: string,
  permissions: Permissions,
  actions: readonly string[],
): void {
  const denied = actions.find(
    (action) =>
      !permissions.some(
        (role) =>
          role.actions.some((pattern) => covers(pattern, action)) &&
          !(role.notActions ?? []).some((pattern) => covers(pattern, action)),
      ),
  );
  if (denied === undefined) return;
  throw new SluiceError(
    "CONTAINER_APPS_FORBIDDEN",
    `${what}: the application that deploys may not ${denied}`,
    { hint: "give it the role Container Apps Contributor on the resource group" },
  );
}

function covers(pattern: string, action: string): boolean {
  const [first = "", ...rest] = pattern.toLowerCase().split("*");
  const text = action.toLowerCase();
  if (rest.length === 0) return text === first;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

import { randomUUID } from "node:crypto";
import { appAnswer, replicaAnswer, revisionAnswer } from "./app-answers.ts";
import { activateRevision, endRevision, lookAt, patchApp, type AppState } from "./apps.ts";
import { unknown, type Answer, type Asked } from "./asked.ts";
import { accepted, page } from "./later.ts";
import { ArmRefusal } from "./refusal.ts";
import type { RevisionState } from "./revision.ts";

/** Answers what is asked of an app: its method, and the steps of the path after its name. */
export async function appRoute(asked: Asked, app: AppState, steps: string[]): Promise<Answer> {
  const { azure, world, url, operations } = asked;
  const id = url.pathname;
  const [method, revisions, name, action] = steps;
  const key = [method, revisions ?? "", name === undefined ? "" : "{}", action ?? ""]
    .join(" ")
    .trimEnd();
  switch (key) {
    case "GET":
      return { status: 200, body: appAnswer(id, app) };
    case "PATCH": {
      operations.refuseWhileBusy(app.name);
      const revision = await patchApp(world, app, JSON.parse(asked.body));
      const failed = revision?.fate.provisioningState === "Failed" ? revision.fate : undefined;
      return accepted(asked, {
        ...{ resource: app.name, left: 1, result: appAnswer(id, app) },
        end: failed
          ? {
              status: "Failed",
              code: "ContainerAppOperationError",
              message: `Failed to provision revision for container app '${app.name}'. Error details: ${failed.provisioningError ?? ""}`,
            }
          : { status: "Succeeded" },
      });
    }
    case "POST getAuthtoken": {
      const token = `logs-${randomUUID()}`;
      asked.logTokens.set(token, app.name);
      const expires = new Date(Date.now() + 3_600_000).toISOString();
      const location = app.resource.location;
      return {
        status: 200,
        body: { id, name: app.name, location, properties: { token, expires } },
      };
    }
    case "GET revisions":
      return page(url, app.revisions.toReversed(), (revision) =>
        revisionAnswer(`${id}/${revision.name}`, app, revision, undefined),
      );
  }
  const revision = revisionOf(app, name ?? "");
  switch (key) {
    case "GET revisions {}": {
      const fate = await lookAt(world, app, revision);
      return { status: 200, body: revisionAnswer(id, app, revision, fate) };
    }
    case "GET revisions {} replicas": {
      const fate = revision.starting > 0 ? undefined : await lookAt(world, app, revision);
      const stream = (container: string) =>
        `${azure.url}${id}/${revision.name}/containers/${container}/logstream`;
      const value = revision.active ? [replicaAnswer(id, stream, revision, fate)] : [];
      return { status: 200, body: { value } };
    }
    case "POST revisions {} activate":
      await activateRevision(world, app, revision);
      return { status: 200 };
    case "POST revisions {} deactivate":
      await endRevision(world, revision);
      return { status: 200 };
  }
  throw unknown(asked);
}

function revisionOf(app: AppState, name: string): RevisionState {
  const revision = app.revisions.find((each) => each.name === name);
  if (revision) return revision;
  throw new ArmRefusal(404, "RevisionNotFound", `Revision '${name}' was not found.`);
}

/** A container's last log lines, for the token that the app gave out. */
export async function logAnswer({
  azure,
  url,
  authorization,
  logTokens,
  world,
}: Asked): Promise<Answer> {
  const [, name, revisionName] =
    /\/containerApps\/([^/]+)\/revisions\/([^/]+)\//.exec(url.pathname) ?? [];
  const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "";
  const app = azure.apps.get(name ?? "");
  const revision = app?.revisions.find((each) => each.name === revisionName);
  if (logTokens.get(token) !== name) return { status: 401, body: "" };
  if (!revision || url.searchParams.get("follow") !== "false") return { status: 404, body: "" };
  const body = world.runner ? await world.runner.logs(revision.name) : revision.fate.log;
  return { status: 200, body };
}

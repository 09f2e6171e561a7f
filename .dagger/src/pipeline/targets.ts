import type { PipelineAnnouncements, PipelineTarget } from "./model.ts";
import type { PipelineFile } from "./schema/file.ts";

/** Targets with every default filled in. */
export function targetsOf(content: PipelineFile, firstRegistry: string): PipelineTarget[] {
  return Object.entries(content.targets).map(([name, target]) => ({
    name,
    channel: target.channel,
    registry: target.registry ?? content.channels[target.channel]?.verifyFrom ?? firstRegistry,
    environment: target.environment ?? name,
    url: target.url,
    probes: target.probe ?? [],
    version: target.version,
    pages: target.pages,
    watchMs: target.watch,
    steps: target.steps,
    settings: target.settings,
    platform: platformOf(target, content.services),
  }));
}

type FileTarget = PipelineFile["targets"][string];

/** Exactly one kind is there: a rule sees to it. */
function platformOf(
  { fly, compose, containerApps }: FileTarget,
  services: PipelineFile["services"],
): PipelineTarget["platform"] {
  if (fly) {
    const [only = ""] = servingNames(services);
    const { app, config, strategy, primaryRegion, mirror, service = only, ...rest } = fly;
    return { kind: "fly", app, config, strategy, primaryRegion, mirror, service, ...rest };
  }
  if (compose) {
    const { project, slots, migrate, maintenance, ...rest } = compose;
    return { kind: "compose", project, slots, migrate, maintenance, ...rest };
  }
  if (!containerApps) throw new TypeError("a target without a platform");
  const { migration, ...rest } = containerApps;
  return { kind: "containerApps", migration, ...rest };
}

/** Services that can run as an app: neither jobs nor files. */
export function servingNames(services: PipelineFile["services"]): string[] {
  return Object.entries(services)
    .filter(([, { port }]) => port !== undefined)
    .map(([name]) => name);
}

/** Announcements with every default filled in. */
export function announcementsOf({ announcements }: PipelineFile): PipelineAnnouncements {
  const { github, webhook, markdown } = announcements ?? {};
  return {
    github: github && {
      ...github,
      repository: github.repository,
      api: github.api,
      issues: github.issues,
      releases: github.releases,
      discussions: Object.entries(github.discussions).map(([name, thread]) => ({
        name,
        ...thread,
        merges: thread.merges,
        body: thread.body,
        template: thread.template,
        label: thread.label,
      })),
    },
    webhook: webhook && { ...webhook, secret: webhook.secret },
    markdown,
  };
}

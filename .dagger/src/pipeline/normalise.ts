import { portOf } from "./address.ts";
import { announcementsOf, targetsOf } from "./targets.ts";
import { slugOf } from "./slug.ts";
import type { Pipeline, PipelineGates, PipelineRegistry } from "./model.ts";
import type { PipelineFile } from "./schema/file.ts";

/** Turns the file's content, already valid, into the model. */
export function normalise(content: PipelineFile, file: string): Pipeline {
  const registries = Object.entries(content.registries).map(([name, registry]) => ({
    name,
    address: registry.address,
    username: registry.username,
    service: serviceOf(registry),
  }));
  const first = registries[0]?.name ?? "";
  return {
    file,
    name: content.name,
    services: Object.entries(content.services).map(([name, { image, probe, ...service }]) => ({
      name,
      ...service,
      image: image ?? name,
      target: service.target,
      port: service.port,
      probes: probe ?? [],
      command: service.command,
      job: service.job && { ...service.job, command: service.job.command },
      files: service.files ?? [],
    })),
    dependencies: Object.entries(content.dependencies).map(([name, dependency]) => ({
      name,
      ...dependency,
      port: dependency.port,
      command: dependency.command,
    })),
    registries,
    channels: Object.entries(content.channels)
      .map(([name, channel], index) => ({
        name,
        tag: channel.tag ?? name,
        order: channel.order ?? index + 1,
        verifyFrom: channel.verifyFrom ?? first,
        after: channel.after,
        branch: channel.branch,
        notices: channel.notices,
        gates: gatesOf(channel.gates),
      }))
      .sort((one, other) => one.order - other.order),
    git: { remote: content.git?.remote },
    ledger: {
      registry: content.ledger?.registry ?? first,
      repository: content.ledger?.repository ?? `${slugOf(content.name)}-ledger`,
    },
    scopes: content.scopes,
    compose: content.compose && {
      ...content.compose,
      registry: content.compose.registry ?? first,
    },
    targets: targetsOf(content, first),
    announcements: announcementsOf(content),
  };
}

function gatesOf(gates: PipelineFile["channels"][string]["gates"]): PipelineGates {
  return {
    onBranch: gates?.onBranch,
    headOf: gates?.headOf,
    release: gates?.release,
    sameReleaseAs: gates?.sameReleaseAs,
    checks: gates?.checks,
    changelog: gates?.changelog,
    referrers: gates?.referrers ?? [],
    signed: gates?.signed,
    window: gates?.window,
    approvals: gates?.approvals,
    settings: gates?.settings ?? [],
  };
}

function serviceOf({
  address,
  service,
}: PipelineFile["registries"][string]): PipelineRegistry["service"] {
  if (!service) return undefined;
  return { image: service.image, port: service.port ?? portOf(address) ?? 0 };
}

import { stringify } from "yaml";
import { SluiceError } from "../error.ts";
import type { Holding } from "../ledger/model.ts";
import type { Pipeline, PipelineRegistry } from "../pipeline/model.ts";
import { slugOf } from "../pipeline/slug.ts";
import { dependencyEntry, jobEntry, serviceEntry } from "./entries.ts";
import { publishedPorts } from "./ports.ts";

/**
 * A Compose manifest of what a channel holds, every image of the pipeline pinned by digest. The same
 * arguments give the same text.
 *
 * @param holds what the channel holds
 * @param channel its name
 * @param registry name of the registry that the images are pulled from
 * @throws SluiceError `COMPOSE_INCOMPLETE` when the channel holds no image of a service
 */
export function composeManifest(
  pipeline: Pipeline,
  holds: Holding,
  channel: string,
  registry: string,
): string {
  const { address } = registryNamed(pipeline, registry);
  const ports = publishedPorts(pipeline);
  // Files run nowhere.
  const running = pipeline.services.filter(({ files }) => files.length === 0);
  const services = running.map((service) => {
    const { name, image, job } = service;
    const digest = holds.digests[name];
    if (digest === undefined) throw incomplete(channel, name, holds.commit);
    const pinned = `${address}/${image}@${digest}`;
    const entry = job
      ? jobEntry(service, job, pinned, pipeline)
      : serviceEntry(service, pinned, ports.get(name), pipeline);
    return [name, entry] as const;
  });
  const dependencies = pipeline.dependencies.map(
    (one) => [one.name, dependencyEntry(one)] as const,
  );
  const manifest = {
    name: slugOf(pipeline.name),
    services: Object.fromEntries([...services, ...dependencies]),
  };
  // Every text in quotes: Compose reads some of them as YAML 1.1 does.
  const options = {
    defaultStringType: "QUOTE_DOUBLE",
    defaultKeyType: "PLAIN",
    lineWidth: 0,
  } as const;
  return `${header(pipeline, holds, channel)}\n${stringify(manifest, options)}`;
}

function header({ file }: Pipeline, { commit, release }: Holding, channel: string): string {
  const lines = [
    `Written by Sluice from ${file}: what ${channel} holds, pinned by digest. Don't edit it.`,
    `Commit: ${commit}`,
    ...(release === undefined ? [] : [`Release: ${release}`]),
  ];
  // A line break would end the comment.
  return lines.map((line) => `# ${line.replaceAll(/\p{Cc}/gu, "?")}\n`).join("");
}

function registryNamed({ registries, file }: Pipeline, name: string): PipelineRegistry {
  const found = registries.find((registry) => registry.name === name);
  if (found) return found;
  const known = registries.map((registry) => registry.name).join(", ");
  throw new SluiceError("REGISTRY_UNKNOWN", `${file} has no registry ${JSON.stringify(name)}`, {
    hint: `name one of: ${known}`,
  });
}

function incomplete(channel: string, service: string, commit: string): SluiceError {
  return new SluiceError(
    "COMPOSE_INCOMPLETE",
    `${channel} holds no image of ${service}, at ${commit}`,
    { hint: `promote a commit that has ${service} to ${channel} first` },
  );
}

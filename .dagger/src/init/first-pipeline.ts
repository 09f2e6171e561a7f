import type { Directory } from "@dagger.io/dagger";
import { stringify } from "yaml";
import { SluiceError } from "../error.ts";
import { hasRepository } from "../source/commit.ts";
import { originOf } from "../source/origin.ts";
import { refuseOwnSource } from "../source/own.ts";
import { readCompose } from "./compose.ts";
import { findDockerfiles } from "./dockerfiles.ts";
import { type Draft, draftOfCompose, draftOfDockerfiles } from "./draft.ts";

const HEAD = `# How this repository is released. Every key: docs/reference/release-yaml.md of Sluice.
# Written from what was found: look at ports, probes and jobs, then check it with: sluice check
`;

const REGISTRIES = `
# Where images are published to. These two run on the engine itself, so that everything can be tried
# without an account; an engine whose disk runs full removes what they hold. Real ones look like this,
# and take a token (--ghcr-token, --dockerhub-token):
#
#   ghcr: { address: ghcr.io/OWNER }
#   dockerhub: { address: docker.io/USER, username: USER }
registries:
  first: { address: localhost:5000/NAME, service: {} }
  second: { address: localhost:5001/NAME, service: {} }

# Tags that a candidate is promoted to, once it has passed.
channels:
  prod: {}
`;

/**
 * A first `release.yaml` for a source, from its Compose file and Dockerfiles.
 *
 * @throws SluiceError `NOTHING_TO_RELEASE` without a Dockerfile, `COMPOSE_INVALID`, `SOURCE_NOT_GIVEN`
 */
export async function firstPipeline(source: Directory): Promise<string> {
  await refuseOwnSource(source, "nothing to release");
  const [compose, dockerfiles] = await Promise.all([readCompose(source), findDockerfiles(source)]);
  const composed = draftOfCompose(compose, dockerfiles);
  const draft =
    Object.keys(composed.services).length > 0 ? composed : draftOfDockerfiles(dockerfiles);
  if (Object.keys(draft.services).length === 0) {
    throw new SluiceError("NOTHING_TO_RELEASE", "the source has no Dockerfile", {
      hint: "write one for each service, or name another directory",
    });
  }
  return pipelineText(await nameOf(source), draft);
}

/** The whole file, with what can't be found out as an example. */
export function pipelineText(name: string, draft: Draft): string {
  const head = stringify({ version: 1, name });
  return `${HEAD}${head}\n${servicesOf(draft)}${REGISTRIES.replaceAll("NAME", name)}`;
}

function servicesOf({ services, dependencies }: Draft): string {
  const options = { lineWidth: 100, flowCollectionPadding: true };
  const needed = Object.keys(dependencies).length > 0;
  return (
    stringify({ services }, options) + (needed ? `\n${stringify({ dependencies }, options)}` : "")
  );
}

/** What the repository is called where it comes from. */
async function nameOf(source: Directory): Promise<string> {
  const origin = (await hasRepository(source)) ? await originOf(source) : undefined;
  const last = origin?.split("/").at(-1)?.toLowerCase() ?? "";
  return /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(last) ? last : "stack";
}

import type { BuildArg, Container, Directory, Platform } from "@dagger.io/dagger";
import { expectFiles } from "../files/expected.ts";
import type { Pipeline, PipelineService } from "../pipeline/model.ts";
import type { Revision } from "../source/revision.ts";
import { buildFailed } from "./failed.ts";
import { type BuildNames, labelsOf } from "./labels.ts";

/** One service's image, for one or more platforms. */
export interface BuiltImage {
  service: PipelineService;
  /** `linux/amd64`; as many as containers. */
  platforms: string[];
  containers: Container[];
  /** By which it says where it comes from. */
  labels: Readonly<Record<string, string>>;
}

/** What a build made. */
export interface Built {
  images: BuiltImage[];
  /** On each of the images. */
  labels: Record<string, string>;
}

/** Seconds since 1970 that files get where the commit's time is not known. */
const NO_TIME = 0;

/**
 * Builds the images of these services: all at once, for each platform. Where files of one are
 * released, it has to have them.
 * A private base image has to be one that the engine may pull.
 */
export async function buildImages(
  services: Pipeline["services"],
  revision: Revision,
  names: BuildNames,
): Promise<Built> {
  const facts = await revision.facts();
  const time = facts.committedAt ?? NO_TIME;
  // File times are part of an image's layers: those of a checkout differ each time.
  const files = revision.files.withTimestamps(time);
  const labels = labelsOf(revision, facts, names);
  const args = {
    SLUICE_COMMIT: revision.commit,
    SLUICE_VERSION: names.version ?? revision.commit,
    // https://reproducible-builds.org/specs/source-date-epoch/
    SOURCE_DATE_EPOCH: String(time),
  };
  const images = await Promise.all(
    services.map(async (service) => {
      const wanted = service.platforms.length > 0 ? service.platforms : [undefined];
      const containers = await Promise.all(
        wanted.map((platform) =>
          Object.entries(labels)
            .reduce(
              (image, [name, value]) => image.withLabel(name, value),
              dockerBuild(files, service, args, platform),
            )
            .sync()
            .catch((error: unknown) => {
              throw buildFailed(service, error);
            }),
        ),
      );
      await Promise.all(containers.map((container) => expectFiles(service, container)));
      const platforms = await Promise.all(containers.map((container) => container.platform()));
      return { service, platforms, containers, labels };
    }),
  );
  return { images, labels };
}

function dockerBuild(
  files: Directory,
  { context, dockerfile, target, buildArgs }: PipelineService,
  args: Readonly<Record<string, string>>,
  platform: string | undefined,
): Container {
  return files.directory(context).dockerBuild({
    dockerfile,
    buildArgs: argsOf({ ...args, ...buildArgs }),
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform: platform as Platform }),
  });
}

function argsOf(values: Readonly<Record<string, string>>): BuildArg[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

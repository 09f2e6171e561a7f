import type { Service } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
import type { Pipeline, PipelineDependency, PipelineService } from "../pipeline/model.ts";
import type { Place } from "../registry/copy/place.ts";
import type {
  Dependency,
  FilesUnderTest,
  JobUnderTest,
  ServiceUnderTest,
  VerifyInput,
} from "./input.ts";

/** Where a service of the pipeline is pulled from. */
export interface ImageUnderTest {
  /** `repository@sha256:…` */
  ref: string;
  /** The registry, when it runs as a Dagger service. */
  registryService?: Service;
}

/**
 * The containers and files of a verification, as a pipeline describes them.
 *
 * @param placeOf the repository that a service is pulled from
 */
export function planOf(
  pipeline: Pipeline,
  images: Readonly<Record<string, ImageUnderTest>>,
  placeOf: (service: PipelineService) => Promise<Place>,
): Pick<VerifyInput, "services" | "jobs" | "dependencies" | "files"> {
  const services: ServiceUnderTest[] = [];
  const jobs: JobUnderTest[] = [];
  const files: FilesUnderTest[] = [];
  for (const service of pipeline.services) {
    const image = imageOf(service, images);
    if (service.files.length > 0) {
      files.push({ name: service.name, ref: image.ref, place: () => placeOf(service) });
    } else if (service.job) jobs.push(jobOf(service, service.job, image));
    else services.push(serviceOf(service, image));
  }
  return { services, jobs, files, dependencies: pipeline.dependencies.map(dependencyOf) };
}

function imageOf(
  { name }: PipelineService,
  images: Readonly<Record<string, ImageUnderTest>>,
): ImageUnderTest {
  const image = images[name];
  if (image) return image;
  throw new SluiceError(
    "CANDIDATE_INCOMPLETE",
    `${name}: the candidate has no image of this service`,
    { hint: "Publish the candidate again with the pipeline file that it is verified with." },
  );
}

function serviceOf(service: PipelineService, image: ImageUnderTest): ServiceUnderTest {
  const { name, env, command, needs, port = 80, probes } = service;
  return {
    ...image,
    ...{ name, env, command, needs, port },
    probes: probes.map(({ status, body, bodyPattern, ...probe }) => ({
      ...probe,
      expect: { status, body, bodyPattern },
    })),
  };
}

function jobOf(
  { name, env, command, needs }: PipelineService,
  job: NonNullable<PipelineService["job"]>,
  image: ImageUnderTest,
): JobUnderTest {
  const { exitCode, timeoutMs } = job;
  return { ...image, name, env, needs, command: job.command ?? command, exitCode, timeoutMs };
}

function dependencyOf({ name, image, port, env, command, ready }: PipelineDependency): Dependency {
  return { name, image, port, env, command, ready };
}

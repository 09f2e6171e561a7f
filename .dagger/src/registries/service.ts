import { dag, type Service } from "@dagger.io/dagger";

/**
 * A registry that runs in the session. Its images are on a cache volume of its own, so they are
 * there from one call to the next, until an engine collects volumes that it takes for garbage.
 *
 * @param pipeline name of the pipeline: registries of two pipelines share nothing
 */
export function registryService(
  pipeline: string,
  name: string,
  { image, port }: { image: string; port: number },
): Service {
  return (
    dag
      .container()
      .from(image)
      .withMountedCache("/var/lib/registry", dag.cacheVolume(`sluice registry ${pipeline}/${name}`))
      .withEnvVariable("REGISTRY_HTTP_ADDR", `0.0.0.0:${port}`)
      .withEnvVariable("REGISTRY_STORAGE_DELETE_ENABLED", "true")
      // Version 3 would look for a collector of traces.
      .withEnvVariable("OTEL_TRACES_EXPORTER", "none")
      .withExposedPort(port)
      .asService({ useEntrypoint: true })
  );
}

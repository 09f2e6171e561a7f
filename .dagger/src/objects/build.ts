import {
  type Container,
  dag,
  type Directory,
  func,
  object,
  type Platform,
} from "@dagger.io/dagger";
import { type BuildData, buildSchema } from "../build/model.ts";
import { SluiceError } from "../error.ts";
import { suggestion } from "../pipeline/suggest.ts";
import { table } from "../report/table.ts";

/** Images that were built and not published. */
@object()
export class Build {
  /** Every image, in the order of `json`: services, and their platforms. */
  @func()
  containers: Container[];

  readonly data: string;

  constructor(containers: Container[], data: string) {
    this.containers = containers;
    this.data = data;
  }

  /** Commit, labels, services and platforms, as JSON. */
  @func()
  json(): string {
    return this.data;
  }

  /** What was built, for people. */
  @func()
  summary(): string {
    const { commit, dirty, services } = read(this.data);
    const rows = services.map(({ name, platforms }) => [name, platforms.join(", ")]);
    return [
      `✔ built ${services.length} services of ${commit}${dirty ? ", with local changes" : ""}`,
      ...table(rows).map((row) => `  ${row}`),
      "",
    ].join("\n");
  }

  /**
   * The image of one service as a container: to look into it, run it, or export it.
   *
   * @param service Name of the service
   * @param platform Platform, such as linux/arm64; by default the first one it was built for
   */
  @func()
  container(service: string, platform?: Platform): Container {
    const { services } = read(this.data);
    const known = services.map(({ name }) => name);
    const built = this.imagesOf(service);
    if (built.length === 0) {
      throw new SluiceError(
        "SERVICE_UNKNOWN",
        `--service: no service ${JSON.stringify(service)} was built${suggestion(service, known)}`,
        { hint: `name one of: ${known.join(", ")}` },
      );
    }
    const found = platform ? built.find((image) => image.platform === platform) : built[0];
    if (found) return found.container;
    throw new SluiceError(
      "PLATFORM_UNKNOWN",
      `--platform: ${service} was not built for ${JSON.stringify(platform)}`,
      { hint: `name one of: ${built.map((image) => image.platform).join(", ")}` },
    );
  }

  /** Each service's image as `<service>.tar`, an OCI layout with all its platforms, and build.json. */
  @func()
  directory(): Directory {
    return read(this.data).services.reduce(
      (directory, { name }) => {
        const [first, ...others] = this.imagesOf(name).map((image) => image.container);
        return first
          ? directory.withFile(`${name}.tar`, first.asTarball({ platformVariants: others }))
          : directory;
      },
      dag.directory().withNewFile("build.json", this.data),
    );
  }

  private imagesOf(service: string): { platform: string; container: Container }[] {
    const all = read(this.data).services.flatMap(({ name, platforms }) =>
      platforms.map((platform) => ({ name, platform })),
    );
    return all.flatMap(({ name, platform }, index) => {
      const container = this.containers[index];
      return name === service && container ? [{ platform, container }] : [];
    });
  }
}

function read(text: string): BuildData {
  return buildSchema.parse(JSON.parse(text));
}

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nonce } from "../support/containers.ts";
import { healthyService, pipelineFile, serviceImage } from "../support/oneService.ts";
import { type OutsideRegistry, outsideRegistry } from "../support/outsideRegistry.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";

/** Dockerfiles that can't be built. */
const run = `test-dockerfile-${nonce()}`;
const base = "FROM busybox:1.37.0-musl\n";
const broken = [
  {
    title: "with a command that fails",
    file: "command",
    text: `${base}RUN echo compiling; echo "undefined symbol: main"; exit 7\n`,
    error: /RUN echo compiling; .* did not complete successfully: exit code: 7 \[BUILD_FAILED\]$/,
    shown: "undefined symbol: main",
  },
  {
    title: "with a word that is none",
    file: "word",
    text: `${base}\nFORM busybox\n`,
    error: /line 3: unknown instruction: FORM/,
  },
  {
    title: "that copies what is not there",
    file: "copy",
    text: `${base}COPY dist /dist\n`,
    error: /COPY dist \/dist: .*"\/dist": not found|COPY dist \/dist: .*"\/dist" not found/,
  },
  {
    title: "that is not there itself",
    file: "absent",
    error: /absent\.dockerfile/,
  },
];

let registry: OutsideRegistry;
let repository: ReleaseRepository;

beforeAll(async () => {
  registry = await outsideRegistry();
  const service = (file: string) => ({
    ...healthyService,
    dockerfile: `docker/${file}.dockerfile`,
  });
  repository = await ReleaseRepository.create({
    ...serviceImage,
    ...Object.fromEntries(
      broken.map(({ file }) => [`${file}.yaml`, pipelineFile(run, service(file), [registry.host])]),
    ),
    ...Object.fromEntries(
      broken.flatMap(({ file, text }) =>
        text === undefined ? [] : [[`docker/${file}.dockerfile`, text] as const],
      ),
    ),
  });
});
afterAll(() => Promise.all([registry.stop(), repository.remove()]));

describe.concurrent("a Dockerfile", () => {
  test.each(broken.map((one) => [one.title, one] as const))(
    "%s is named, with the step, and nothing is published",
    async (_title, { file, error, shown }) => {
      const refused = await repository.refused(["--pipeline", `${file}.yaml`, "publish", "json"]);
      expect(refused.code).toBe(1);
      expect(refused.error).toContain(`backend can't be built from docker/${file}.dockerfile: `);
      expect(refused.error).toMatch(error);
      expect(refused.next).toContain("sluice call build --service backend");
      if (shown !== undefined) expect(refused.stderr).toMatch(new RegExp(`^${shown}$`, "m"));
      expect(await registry.tags("app/backend")).toEqual({});
    },
  );
});

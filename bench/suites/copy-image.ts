import {
  fiveLayers,
  type Pushed,
  pushImage,
  pushIndex,
} from "../../test/support/registryContent.ts";
import { type ImageCase, imageTable, median } from "../image-table.ts";
import { type ImageBench, imageBench, type ImageRun, type ImageTool } from "../images.ts";
import { pushLarge } from "../large-layer.ts";
import type { TableSuite } from "../suite.ts";

/** Images that go to other repositories, of the same registry and of another one. */
export const copyImages: TableSuite = {
  name: "copy-image",
  run: async () => {
    const bench = await imageBench();
    try {
      return [await imageTable(bench, cases(bench), 3), await memory(bench)].join("\n");
    } finally {
      await bench.stop();
    }
  },
};

/** Six blobs an image, one or two images. */
function cases({ origins, hosts }: ImageBench): ImageCase[] {
  const image = (origin: string, run: string, architecture = "amd64"): Promise<Pushed> =>
    pushImage(origin, run, { layers: fiveLayers(`${run} ${architecture}`), architecture });
  const index = async (origin: string, run: string): Promise<Pushed> =>
    pushIndex(origin, run, [await image(origin, run), await image(origin, run, "arm64")]);
  const plan = (run: string, { digest }: Pushed, host: string, repository: string) => ({
    from: `${hosts[0]}/${run}@${digest}`,
    targets: [`${host}/${repository}:prod`],
  });
  const [one, two] = origins;
  return [
    {
      title: "an image to another repository of its registry",
      prepare: async (run) => plan(run, await image(one, run), hosts[0], `${run}/to`),
    },
    {
      title: "an image to another registry, that has it without the tag",
      prepare: async (run) => {
        await image(two, run);
        return plan(run, await image(one, run), hosts[1], run);
      },
    },
    {
      title: "an image to another registry, that has its layers only",
      prepare: async (run) => {
        await pushImage(two, run, { layers: fiveLayers(`${run} amd64`), architecture: "arm64" });
        return plan(run, await image(one, run), hosts[1], run);
      },
    },
    {
      title: "an image to another registry, that has nothing of it",
      prepare: async (run) => plan(run, await image(one, run), hosts[1], run),
    },
    {
      title: "an index of two images to another repository of its registry",
      prepare: async (run) => plan(run, await index(one, run), hosts[0], `${run}/to`),
    },
    {
      title: "an index of two images to another registry, that has nothing of it",
      prepare: async (run) => plan(run, await index(one, run), hosts[1], run),
    },
  ];
}

const RUNS = 3;

/** Another layer of 1 GB for each run: skopeo remembers where it saw one. */
async function memory({ origins, hosts, tools, run }: ImageBench): Promise<string> {
  const taken = new Map<ImageTool, ImageRun[]>(tools.map((tool) => [tool, []]));
  for (let round = 0; round < RUNS; round++) {
    for (const [tool, all] of taken) {
      const repository = `large/${tool.name}-${round}`;
      const { digest } = await pushLarge(origins[0], repository, 1_000_000_000);
      const to = `${hosts[1]}/${repository}:prod`;
      all.push(await run(tool, `${hosts[0]}/${repository}@${digest}`, [to], 0));
    }
  }
  const rows = [...taken].map(([{ name }, runs]) => {
    const ms = median(runs.map((one) => one.ms));
    return { name, ms, peak: Math.max(...runs.map((one) => one.peakMiB)) };
  });
  return [
    "a layer of 1 GB to another registry on this machine",
    ...rows.map(({ name, ms, peak }) => {
      const ratio = (ms / (rows[0]?.ms ?? ms)).toFixed(2);
      const seconds = (ms / 1000).toFixed(1).padStart(7);
      return `  ${name.padEnd(8)} ${seconds} s ×${ratio}   peak ${peak.toFixed(0)} MiB`;
    }),
  ].join("\n");
}

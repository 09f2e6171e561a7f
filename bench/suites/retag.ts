import { fiveLayers, pushImage } from "../../test/support/registryContent.ts";
import { imageTable } from "../image-table.ts";
import { imageBench } from "../images.ts";
import type { TableSuite } from "../suite.ts";

/** Tags that are moved to an image of their own repository. */
export const retag: TableSuite = {
  name: "retag",
  run: async () => {
    const bench = await imageBench();
    const [host] = bench.hosts;
    try {
      const cases = [1, 10, 100].map((count) => ({
        title: `${count} ${count === 1 ? "tag" : "tags"} moved within a repository`,
        prepare: async (run: string) => {
          const repository = `retag/${run}`;
          const layers = fiveLayers(run);
          const { digest } = await pushImage(bench.origins[0], repository, { layers }, "v1");
          const names = Array.from({ length: count }, (_, index) => `t${index}`);
          return {
            from: `${host}/${repository}@${digest}`,
            targets: names.map((name) => `${host}/${repository}:${name}`),
          };
        },
      }));
      return await imageTable(bench, cases, 3);
    } finally {
      await bench.stop();
    }
  },
};

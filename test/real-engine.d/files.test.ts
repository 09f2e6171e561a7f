import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nonce } from "../support/containers.ts";
import { serviceImage } from "../support/oneService.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";
import { printed, sluice } from "./support/engine.ts";
import { folder } from "./support/repository.ts";

test("files ride a release, and come back with their checksums", async () => {
  const repository = await ReleaseRepository.create({
    ...serviceImage,
    "firmware/Dockerfile": [
      "FROM busybox:1.37.0-musl AS build",
      "RUN mkdir /out && head -c 300000 /bin/busybox > /out/firmware.bin",
      "FROM scratch",
      "COPY --from=build /out /out",
      "",
    ].join("\n"),
    "release.yaml": JSON.stringify({
      ...{ version: 1, name: `real-files-${nonce()}` },
      services: {
        backend: { port: 8080, probe: { path: "/healthz", deadline: "20s" } },
        firmware: { context: "firmware", files: ["/out/firmware.bin"] },
      },
      registries: { one: { address: "localhost:5120/gateway", service: {} } },
      channels: { prod: {} },
    }),
  });
  onTestFinished(() => repository.remove());
  const call = (...args: string[]) => printed(sluice(["call", ...args], { cwd: repository.dir }));
  await call("publish", "promote", "--channel", "prod");
  const path = await folder();
  await call("files", "--channel", "prod", "export", "--path", path);
  expect(await readFile(join(path, "firmware.bin"))).toHaveLength(300000);
  expect(await readFile(join(path, "SHA256SUMS"), "utf8")).toContain("firmware.bin");
});

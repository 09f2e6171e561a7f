import { describe, expect, it } from "vitest";
import { draftOfDockerfiles } from "../../.dagger/src/init/draft.ts";
import { releasedFiles } from "../../.dagger/src/init/files.ts";
import { pipelineText } from "../../.dagger/src/init/first-pipeline.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";

const stage = (...lines: string[]) => ["FROM gcc AS build", "RUN make", ...lines, ""].join("\n");

describe("files that a Dockerfile is there for", () => {
  it("are those that an empty last stage gets by name", () => {
    const text = stage(
      "FROM scratch AS files",
      "# What devices get.",
      "COPY --from=build /src/firmware.bin /src/notes.txt /out/",
      "copy --from=build --chmod=644 /src/map \\",
      "  /out/firmware.map",
    );
    expect(releasedFiles(text)).toEqual([
      ...["/out/firmware.bin", "/out/notes.txt", "/out/firmware.map"],
    ]);
  });

  it.each([
    ["an image that runs", "FROM scratch", "COPY a.bin /a.bin", 'CMD ["/a.bin"]'],
    ["an image with more in it", "FROM busybox", "COPY a.bin /a.bin"],
    ["what may be a directory", "FROM scratch", "COPY --from=build /out /out"],
    ["a pattern", "FROM scratch", "COPY --from=build /out/*.bin /out/"],
    ["a variable", "FROM scratch", "ARG BOARD", "COPY $BOARD/a.bin /$BOARD/a.bin"],
    ["two of one name", "FROM scratch", "COPY a/a.bin /a/", "COPY b/a.bin /b/"],
    ["a list in JSON", "FROM scratch", 'COPY ["a.bin", "/a.bin"]'],
    ["a work directory", "FROM scratch", "WORKDIR /out", "COPY a.bin a.bin"],
    ["nothing", "FROM scratch"],
  ])("are not guessed from %s", (_, ...lines) => {
    expect(releasedFiles(stage(...lines))).toEqual([]);
  });

  it("make a first pipeline with a service of files, which is valid", () => {
    const draft = draftOfDockerfiles([
      { folder: "firmware", file: "Dockerfile", port: undefined, files: ["/out/firmware.bin"] },
    ]);
    const { services } = parsePipeline(pipelineText("gateway", draft), "release.yaml");
    expect(services).toMatchObject([{ name: "firmware", files: ["/out/firmware.bin"] }]);
    expect(services[0]?.job).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { SluiceError } from "../../.dagger/src/error.ts";
import type { PipelineService } from "../../.dagger/src/pipeline/model.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";

type Keys = Readonly<Record<string, unknown>>;

/** A pipeline file with a service `firmware` of these keys. */
function text(firmware: Keys, others: Keys = {}): string {
  return JSON.stringify({
    version: 1,
    name: "gateway",
    services: { firmware, ...others },
    registries: { r: { address: "ghcr.io/acme" } },
    channels: { prod: {} },
  });
}

/** What it is refused with, without where. */
function refusal(firmware: Keys, others?: Keys): string[] {
  try {
    parsePipeline(text(firmware, others), "release.yaml");
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError);
    expect((error as SluiceError).code).toBe("PIPELINE_INVALID");
    return (error as SluiceError).reason.split("\n").map((line) => line.replace(/^\S+ /, ""));
  }
  return [];
}

const services = (firmware: Keys, others?: Keys): readonly PipelineService[] =>
  parsePipeline(text(firmware, others), "release.yaml").services;

describe("a service of files", () => {
  it("needs nothing but the paths of its files", () => {
    const [firmware] = services({
      context: "firmware",
      target: "image",
      buildArgs: { BOARD: "b1" },
      files: ["/out/firmware.bin", "/firmware.map"],
    });
    expect(firmware).toMatchObject({
      ...{ name: "firmware", image: "firmware", context: "firmware", target: "image" },
      ...{ files: ["/out/firmware.bin", "/firmware.map"], probes: [] },
      ...{ port: undefined, job: undefined },
    });
  });

  it("is told apart from what runs: that has no files", () => {
    const [, web] = services({ files: ["/a"] }, { web: { port: 80, probe: { path: "/" } } });
    expect(web?.files).toEqual([]);
  });

  it.each([
    ["port", 80, "files never run: remove port, or remove files"],
    ["probe", { path: "/" }, "files never run: remove probe, or remove files"],
    ["job", {}, "files never run: remove job, or remove files"],
    ["command", ["run"], "files never run: remove command, or remove files"],
    ["env", { A: "b" }, "files never run: remove env, or remove files"],
    ["needs", ["web"], "files never run: remove needs, or remove files"],
    ["platforms", ["linux/arm64"], "files are built once: remove platforms, or remove files"],
  ])("can't have %s", (key, value, message) => {
    const web = { port: 80, probe: { path: "/" } };
    expect(refusal({ files: ["/a"], [key]: value }, { web })).toEqual([
      `services.firmware.${key}: ${message}`,
    ]);
  });

  it("can't be needed by what runs", () => {
    const web = { port: 80, probe: { path: "/" }, needs: ["firmware"] };
    expect(refusal({ files: ["/a"] }, { web })).toEqual([
      "services.web.needs[0]: firmware is files, which never run; expected something that serves",
    ]);
  });

  it("has at least one file", () => {
    expect(refusal({ files: [] })).toEqual([
      "services.firmware.files: expected at least one file, found an empty list",
    ]);
  });

  it("can't have two files of one name", () => {
    expect(refusal({ files: ["/a/x.bin", "/x.map", "/b/x.bin"] })).toEqual([
      "services.firmware.files[2]: /a/x.bin is called x.bin, too; expected another name",
    ]);
  });

  it.each([
    "out/firmware.bin",
    "/out/",
    "/",
    "/out/../etc/passwd",
    "/./firmware.bin",
    "//firmware.bin",
    "/out/..",
    "/out/--flag",
    "/out/.hidden",
    "/out/$(id)",
    "/out/a b",
    "/out/a\nb",
    "/out/ü",
    "/o\nut/a",
    `/${"a".repeat(201)}`,
  ])("refuses the path %j", (path) => {
    const [line = "", ...others] = refusal({ files: [path] });
    expect(line).toContain(
      "services.firmware.files[0]: expected an absolute path such as /out/firmware.bin",
    );
    expect(others).toEqual([]);
  });

  it.each(["/a", "/out dir/$x/firmware-1.2_rc+3.bin", "/.config/x"])("takes %j", (path) => {
    expect(services({ files: [path] })[0]?.files).toEqual([path]);
  });

  it("leaves the list of checksums to Sluice", () => {
    const [line = ""] = refusal({ files: ["/out/SHA256SUMS"] });
    expect(line).toContain("expected another name: SHA256SUMS is the list of checksums");
  });
});

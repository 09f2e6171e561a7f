import { describe, expect, it } from "vitest";
import { composeManifest } from "../../.dagger/src/compose/manifest.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";
import { toHtml } from "../../.dagger/src/report/html/page.ts";
import { fromJson, toJson } from "../../.dagger/src/report/json.ts";
import { toJUnit } from "../../.dagger/src/report/junit.ts";
import { toSummary } from "../../.dagger/src/report/summary.ts";
import { corruptFiles, failedVerification, intactFiles } from "../support/verifications.ts";

const [good, map] = ["f".repeat(64), "e".repeat(64)];

describe("a report of files", () => {
  it("is JSON that is read back as it was", () => {
    expect(fromJson(toJson(corruptFiles))).toEqual(corruptFiles);
  });

  it("from before there were files is read as one without any", () => {
    const { files, ...old } = failedVerification;
    expect(files).toEqual([]);
    expect(fromJson(JSON.stringify(old))).toEqual(failedVerification);
  });

  it("lists checksums in the summary, in the form that sha256sum takes", () => {
    expect(toSummary(intactFiles).split("\n")).toEqual([
      "✔ passed: 2 files intact in 240 ms",
      `  commit ${intactFiles.commit}`,
      "  ✔ firmware  2 files intact  sha256:dddddddddddd",
      `      ${good}  firmware.bin`,
      `      ${map}  firmware.map`,
      "",
    ]);
  });

  it("names in the summary what is wrong", () => {
    expect(toSummary(corruptFiles)).toContain(
      [
        "  ✖ firmware  CHECKSUM_MISMATCH  sha256:dddddddddddd",
        `      ${good}  firmware.bin`,
        `      ${map}  firmware.map`,
        `      expected  SHA-256 ${good} of firmware.bin (4096 bytes)`,
        `      got       ${"0".repeat(64)} (4096 bytes)`,
      ].join("\n"),
    );
  });

  it("is a test case for JUnit", () => {
    expect(toJUnit(intactFiles)).toContain(
      `<testcase classname="verify.files" name="firmware" time="0.220">\n      <system-out>${good}  firmware.bin\n${map}  firmware.map</system-out>`,
    );
    const xml = toJUnit(corruptFiles);
    expect(xml).toContain('tests="1" failures="1"');
    expect(xml).toContain('<failure type="CHECKSUM_MISMATCH" message="firmware: expected SHA-256');
  });

  it("shows every file with its checksum on the page, and opens what is wrong", () => {
    const page = toHtml(corruptFiles);
    for (const text of ["firmware.bin", "firmware.map", good, map]) expect(page).toContain(text);
    expect(page).toContain("Containers and files");
    expect(page).toMatch(/<span class="pill failed"\s*>wrong</);
    expect(page).toMatch(/<span class="pill passed"\s*>intact</);
    expect(page.match(/<details class="card" open/g)).toHaveLength(1);
    expect(page).not.toContain("It printed nothing");
    expect(page).not.toContain("NaN");
  });

  it("escapes what files are called", () => {
    const [one] = corruptFiles.files;
    const files = one
      ? [{ ...one, files: [{ name: "<img src=x>", size: 1, sha256: good, intact: true }] }]
      : [];
    expect(toHtml({ ...corruptFiles, files })).not.toContain("<img");
    expect(toJUnit({ ...corruptFiles, files })).not.toContain("<img");
  });
});

describe("a Compose manifest", () => {
  const text = (services: object) =>
    JSON.stringify({
      ...{ version: 1, name: "gateway", services, channels: { prod: {} } },
      registries: { r: { address: "ghcr.io/acme" } },
    });

  it("leaves files out: they run nowhere", () => {
    const web = { port: 80, probe: { path: "/" } };
    const pipeline = parsePipeline(text({ web, firmware: { files: ["/f"] } }), "release.yaml");
    const digests = { web: `sha256:${good}`, firmware: `sha256:${map}` };
    const manifest = composeManifest(pipeline, { commit: "c".repeat(40), digests }, "prod", "r");
    expect(manifest).toContain(`image: "ghcr.io/acme/web@sha256:${good}"`);
    expect(manifest).not.toContain("firmware");
  });
});

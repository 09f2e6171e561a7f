import { describe, expect, test } from "vitest";
import type { BuildSpec } from "../../dagger/docker/types.ts";
import { treeFromTar } from "../../dagger/content/tar.ts";
import { type Fixture, connected, docker } from "./docker-support.ts";

async function build(
  { runtime, tree }: Fixture,
  files: Record<string, string>,
  more: Partial<BuildSpec> = {},
) {
  return runtime.build({
    context: await tree(files),
    dockerfile: "Dockerfile",
    buildArgs: [],
    secrets: [],
    platform: runtime.platform,
    credentials: new Map(),
    ...more,
  });
}

describe("a build", () => {
  test("takes stages, arguments and a target, and ignores what is ignored", async () => {
    const fixture = await connected();
    const { runtime, store } = fixture;
    const files = {
      Dockerfile: `# syntax=docker/dockerfile:1
ARG BASE=unknown.invalid/image
FROM \${BASE} AS build
ARG WHO=nobody
RUN echo "hello $WHO" > /greeting
FROM not.needed.invalid/image AS unused
FROM scratch AS result
COPY --from=build /greeting /greeting
COPY . /context/
ENV STAGE=result
FROM scratch
`,
      ".dockerignore": "ignored\nDockerfile\n.dockerignore\n",
      ignored: "",
      seen: "",
    };
    const buildArgs = [
      { name: "BASE", value: "debian:bookworm-slim" },
      { name: "WHO", value: `me & "you" ${fixture.sessionId}` },
    ];
    const image = await build(fixture, files, { target: "result", buildArgs });
    expect(image.config.env).toContain("STAGE=result");
    const greeting = await treeFromTar(store, await runtime.archive(image.id, "/greeting"));
    const entry = greeting.get("greeting");
    expect(entry?.kind === "file" && (await fixture.text(entry.blob))).toBe(
      `hello me & "you" ${fixture.sessionId}\n`,
    );
    const context = await treeFromTar(store, await runtime.archive(image.id, "/context"));
    expect([...context.entries.keys()]).toEqual(["context", "context/seen"]);
  });

  test("mounts secrets for one step and keeps nothing of them", async () => {
    const fixture = await connected();
    const Dockerfile = `FROM debian:bookworm-slim
RUN --mount=type=secret,id=token,required=true sleep 12; wc -c < /run/secrets/token > /length # ${fixture.sessionId}
RUN --mount=type=secret,id=token test -s /run/secrets/token
`;
    const content = Buffer.from("build-secret-value");
    const image = await build(fixture, { Dockerfile }, { secrets: [{ id: "token", content }] });
    expect(await docker("history", "--no-trunc", image.id)).not.toContain("build-secret-value");
    expect(await docker("image", "inspect", image.id)).not.toContain("build-secret-value");
  });

  test("that fails names the step and shows the end of its output", async () => {
    const fixture = await connected();
    const Dockerfile = "FROM debian:bookworm-slim\nRUN echo fine; echo complaint >&2; exit 42\n";
    await expect(build(fixture, { Dockerfile })).rejects.toMatchObject({
      code: "EXEC_ERROR",
      message: expect.stringMatching(/RUN echo fine.*exit code: 42\n.*complaint/s) as string,
      failure: { exitCode: 42, stdout: "fine", stderr: "complaint" },
    });
  });

  test.each([
    ["an unknown instruction", "FROM scratch\nFLY away\n", /FLY/],
    ["no Dockerfile content", "", /empty/i],
    ["a missing source", "FROM scratch\nCOPY absent /\n", /absent/],
    [
      "a missing secret",
      "FROM debian:bookworm-slim\nRUN --mount=type=secret,id=gone,required=true true",
      /gone/,
    ],
  ])("with %s is BUILD_FAILED", async (_what, Dockerfile, message) => {
    const fixture = await connected();
    await expect(build(fixture, { Dockerfile })).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: expect.stringMatching(message) as string,
    });
  });

  test("without a Dockerfile names it", async () => {
    const fixture = await connected();
    await expect(build(fixture, {}, { dockerfile: "sub/D" })).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: expect.stringContaining("sub/D") as string,
    });
  });

  test("finds a stand-in for its base image under the image's own name", async () => {
    const { base } = await connected();
    const fixture = await connected({ standIn: () => Promise.resolve(base) });
    const name = `stand-in.invalid/${fixture.sessionId}:1`;
    try {
      const image = await build(fixture, { Dockerfile: `FROM ${name}\nENV BUILT=yes\n` });
      expect(image.config.env).toContain("BUILT=yes");
    } finally {
      await docker("image", "rm", name);
    }
  });

  test("understands here-documents", async () => {
    const fixture = await connected();
    const { runtime, store } = fixture;
    const Dockerfile = `FROM debian:bookworm-slim
ARG WHO=nobody
RUN <<EOF
set -e
echo "one $WHO" > /out
echo two >> /out
EOF
RUN cat > /piped <<-'END' && echo "after" >> /piped
\tpiped $WHO
\tEND
RUN <<PROGRAM
#!/usr/bin/perl
open(my $f, ">", "/perl") or die; print $f "by perl"; close $f;
PROGRAM
COPY --chmod=600 <<EOF <<"RAW" /written/
for $WHO
EOF
as $WHO
RAW
`;
    const image = await build(
      fixture,
      { Dockerfile },
      { buildArgs: [{ name: "WHO", value: "you" }] },
    );
    const text = async (path: string) => {
      const tree = await treeFromTar(store, await runtime.archive(image.id, path));
      const entry = [...tree.entries.values()].at(-1);
      return entry?.kind === "file" ? fixture.text(entry.blob) : undefined;
    };
    expect(await text("/out")).toBe("one you\ntwo\n");
    expect(await text("/piped")).toBe("piped $WHO\nafter\n");
    expect(await text("/perl")).toBe("by perl");
    expect(await text("/written/EOF")).toBe("for you\n");
    expect(await text("/written/RAW")).toBe("as $WHO\n");
  });

  test("ends with the session", async () => {
    const fixture = await connected();
    const Dockerfile = `FROM debian:bookworm-slim\nRUN echo under way; sleep 50 # ${fixture.sessionId}\n`;
    const told: string[] = [];
    const progress = (line: string) => void told.push(line);
    const building = build(fixture, { Dockerfile }, { progress });
    const failed = expect(building).rejects.toThrow();
    await expect.poll(() => told.join("\n"), { timeout: 20_000 }).toContain("  under way");
    const begun = Date.now();
    await fixture.runtime.close();
    await failed;
    expect(Date.now() - begun).toBeLessThan(5_000);
  });
});

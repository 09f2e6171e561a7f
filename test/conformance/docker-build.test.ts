import { dag, type Directory } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { baseImage, debian, nonce, sh } from "../support/containers.ts";

/** A build context with this Dockerfile; the nonce keeps results of earlier runs out. */
const context = (dockerfile: string): Directory =>
  dag.directory().withNewFile("Dockerfile", `${dockerfile}\nLABEL nonce=${nonce()}\n`);

describe("Directory.dockerBuild", () => {
  test("runs instructions and takes over the image's configuration", async () => {
    const built = context(`
FROM ${baseImage}
WORKDIR /app
COPY hello.txt .
RUN echo ran > ran.txt
ENV NAME=value
USER 1000:1000
EXPOSE 8080/tcp
LABEL org.example=label
ENTRYPOINT ["cat"]
CMD ["hello.txt", "ran.txt"]
`)
      .withNewFile("hello.txt", "hello\n")
      .dockerBuild();
    expect(await built.withExec([], { useEntrypoint: true }).stdout()).toBe("hello\nran\n");
    expect(await built.envVariable("NAME")).toBe("value");
    expect(await built.workdir()).toBe("/app");
    expect(await built.user()).toBe("1000:1000");
    expect(await built.label("org.example")).toBe("label");
    expect(await built.entrypoint()).toEqual(["cat"]);
    expect(await built.defaultArgs()).toEqual(["hello.txt", "ran.txt"]);
    const [port] = await built.exposedPorts();
    expect(await port?.port()).toBe(8080);
  });

  test("takes a Dockerfile from elsewhere in the context", async () => {
    const built = dag
      .directory()
      .withNewFile("build/app.Dockerfile", "FROM scratch\nCOPY data /data\n")
      .withNewFile("data", "content")
      .dockerBuild({ dockerfile: "build/app.Dockerfile" });
    expect(await built.file("/data").contents()).toBe("content");
  });

  test("a selected subdirectory is a context of its own", async () => {
    const tree = dag
      .directory()
      .withNewFile("sub/Dockerfile", "FROM scratch\nCOPY . /all/\n")
      .withNewFile("sub/in", "")
      .withNewFile("outside", "");
    expect(await tree.directory("sub").dockerBuild().directory("/all").entries()).toEqual([
      "Dockerfile",
      "in",
    ]);
  });

  test("stages copy from one another, and only the last one counts", async () => {
    const built = context(`
FROM ${baseImage} AS build
RUN mkdir /out && echo compiled > /out/app && echo left > /build-only
FROM ${baseImage}
COPY --from=build /out/app /app
`).dockerBuild();
    expect(await built.file("/app").contents()).toBe("compiled\n");
    expect(await built.exists("/build-only")).toBe(false);
  });

  test("target stops at a stage", async () => {
    const tree = context(`
FROM scratch AS one
ENV STAGE=one
FROM scratch AS two
ENV STAGE=two
`);
    expect(await tree.dockerBuild({ target: "one" }).envVariable("STAGE")).toBe("one");
    expect(await tree.dockerBuild().envVariable("STAGE")).toBe("two");
    await expect(tree.dockerBuild({ target: "three" }).sync()).rejects.toThrow(/three/);
  });

  test("build arguments have defaults, can be set, and reach FROM", async () => {
    const tree = context(`
ARG BASE=does-not-exist.invalid/image
FROM \${BASE}
ARG WHO=nobody
RUN echo "hello $WHO" > /greeting
ENV GREETED=$WHO
`);
    const options = (who?: string) => ({
      buildArgs: [
        { name: "BASE", value: baseImage },
        ...(who ? [{ name: "WHO", value: who }] : []),
      ],
    });
    expect(await tree.dockerBuild(options()).file("/greeting").contents()).toBe("hello nobody\n");
    const greeted = tree.dockerBuild(options("world's $end"));
    expect(await greeted.file("/greeting").contents()).toBe("hello world's $end\n");
    expect(await greeted.envVariable("GREETED")).toBe("world's $end");
  });

  test("secrets are mounted for one RUN and leave nothing behind", async () => {
    const value = `build-${nonce()}`;
    const built = context(`
FROM ${baseImage}
RUN --mount=type=secret,id=token,required=true wc -c < /run/secrets/token > /length
RUN --mount=type=secret,id=token,target=/elsewhere test -s /elsewhere
RUN test ! -s /run/secrets/token
`).dockerBuild({ secrets: [dag.setSecret("token", value)] });
    expect((await built.file("/length").contents()).trim()).toBe(String(value.length));
    expect(await built.exists("/run/secrets/token")).toBe(false);
  });

  test("a required secret that is missing is an error that names it", async () => {
    const built = context(
      `FROM ${baseImage}\nRUN --mount=type=secret,id=absent,required=true true`,
    ).dockerBuild();
    await expect(built.sync()).rejects.toThrow("absent");
  });

  test("a secret that is not required may be missing", async () => {
    const built = context(
      `FROM ${baseImage}\nRUN --mount=type=secret,id=absent true`,
    ).dockerBuild();
    await built.sync();
  });

  test(".dockerignore keeps files out of the context", async () => {
    const built = context("FROM scratch\nCOPY . /all/\n")
      .withNewFile(".dockerignore", "ba*\n!bay\nDockerfile\n.dockerignore\n")
      .withNewFile("foo", "")
      .withNewFile("bar", "")
      .withNewFile("bay", "")
      .dockerBuild();
    expect(await built.directory("/all").entries()).toEqual(["bay", "foo"]);
  });

  test("COPY understands wildcards, directories, --chown and --chmod", async () => {
    const built = context(`
FROM ${baseImage}
COPY *.txt /texts/
COPY tree /copied
COPY --chown=12:34 --chmod=750 run.sh /run.sh
`)
      .withNewFile("a.txt", "")
      .withNewFile("b.txt", "")
      .withNewFile("c.log", "")
      .withNewFile("tree/sub/f", "deep")
      .withNewFile("run.sh", "")
      .dockerBuild();
    expect(await built.directory("/texts").entries()).toEqual(["a.txt", "b.txt"]);
    expect(await built.file("/copied/sub/f").contents()).toBe("deep");
    expect(await built.withExec(["stat", "-c", "%a %u:%g", "/run.sh"]).stdout()).toBe(
      "750 12:34\n",
    );
  });

  test("an edit that changes neither size nor time of a file is noticed", async () => {
    const id = nonce();
    const build = (word: string) =>
      context(`FROM ${baseImage}\nCOPY word /word\nRUN test ${id} && cp /word /copy`)
        .withNewFile("word", word)
        .withTimestamps(1_700_000_000)
        .dockerBuild();
    for (const word of ["one", "two", "one"])
      expect(await build(word).file("/copy").contents()).toBe(word);
    const time = await build("six").withExec(["stat", "-c", "%Y", "/word"]).stdout();
    expect(time).toBe("1700000000\n");
  });

  test("a here-document is a script", async () => {
    const built = context(`
FROM ${baseImage}
RUN <<EOF
echo one > /out
echo two >> /out
EOF
COPY <<EOF /written
by heredoc
EOF
`).dockerBuild();
    expect(await built.file("/out").contents()).toBe("one\ntwo\n");
    expect(await built.file("/written").contents()).toBe("by heredoc\n");
  });

  test("a cache mount keeps files from one build to the next, outside the image", async () => {
    const id = nonce();
    const build = (word: string) =>
      context(`
FROM ${baseImage}
RUN --mount=type=cache,id=${id},target=/cache echo ${word} >> /cache/log && cp /cache/log /log
`).dockerBuild();
    expect(await build("one").file("/log").contents()).toBe("one\n");
    const second = build("two");
    expect(await second.file("/log").contents()).toBe("one\ntwo\n");
    expect(await second.exists("/cache/log")).toBe(false);
  });

  test("a bind mount shows the context to one RUN", async () => {
    const built = context(`
FROM ${baseImage}
RUN --mount=type=bind,source=src,target=/src cat /src/f > /read
`)
      .withNewFile("src/f", "bound")
      .dockerBuild();
    expect(await built.file("/read").contents()).toBe("bound");
    expect(await built.exists("/src/f")).toBe(false);
  });

  test("HEALTHCHECK is read", async () => {
    const built = context(`
FROM scratch
HEALTHCHECK --interval=21s --retries=5 CMD ["sh", "-c", "test -d /"]
`).dockerBuild();
    const check = built.dockerHealthcheck();
    expect(await check.args()).toEqual(["sh", "-c", "test -d /"]);
    expect([await check.interval(), await check.retries()]).toEqual(["21s", 5]);
  });

  test("ADD unpacks a local archive", async () => {
    const archive = debian()
      .withExec(sh("mkdir /t && echo packed > /t/f && tar czf /a.tgz -C /t ."))
      .file("/a.tgz");
    const built = context("FROM scratch\nADD a.tgz /out/\n")
      .withFile("a.tgz", archive)
      .dockerBuild();
    expect(await built.file("/out/f").contents()).toBe("packed\n");
  });

  test("a RUN that fails fails the build with its exit code and output", async () => {
    const built = context(`FROM ${baseImage}\nRUN echo complaint >&2; exit 42`).dockerBuild();
    await expect(built.sync()).rejects.toThrow("exit code: 42");
    await expect(built.sync()).rejects.toMatchObject({
      name: "ExecError",
      exitCode: 42,
      stderr: "complaint",
    });
  });

  test("the command of the image is not run by the build", async () => {
    await context(`FROM ${baseImage}\nCMD ["false"]`).dockerBuild().sync();
  });

  test.each([
    ["FROM scratch\nFLY away\n", /FLY/i],
    ["FROM\n", /FROM/],
    ["", /./],
  ])("a broken Dockerfile %j is an error", async (dockerfile, message) => {
    const built = dag.directory().withNewFile("Dockerfile", dockerfile).dockerBuild();
    await expect(built.sync()).rejects.toThrow(message);
  });

  test("a missing Dockerfile and a missing source are errors that name them", async () => {
    await expect(dag.directory().dockerBuild().sync()).rejects.toThrow(/Dockerfile/);
    const unmet = context("FROM scratch\nCOPY absent /\n").dockerBuild();
    await expect(unmet.sync()).rejects.toThrow(/absent/);
  });

  test("the context can come from a container", async () => {
    const script =
      "mkdir /ctx && printf 'FROM scratch\\nCOPY f /f\\n' > /ctx/Dockerfile && echo made > /ctx/f";
    const made = debian().withExec(sh(script));
    expect(await made.directory("/ctx").dockerBuild().file("/f").contents()).toBe("made\n");
  });
});

import { describe, expect, it } from "vitest";
import { SluiceError } from "../../.dagger/src/error.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";

const whole = `
version: 1
name: shop
services:
  backend:
    context: backend
    port: 8000
    probe: { path: /healthz, status: [200, 204], body: ok, deadline: 2m, stableFor: 1m30s }
    env: { DATABASE_URL: "postgres://db/shop", WORKERS: 010, RATIO: 1.10, DEBUG: true }
    needs: [db]
  frontend:
    context: frontend/
    port: 80
    probe:
      - path: /
        body: { matches: "^<!doctype html>" }
      - path: /app.js
        port: 8080
    needs: [backend]
  scraper:
    image: tools/scraper
    job: { command: [collect, --once], exitCode: 3, timeout: 30s }
    needs: [backend]
dependencies:
  db: { image: postgres:17, port: 5432, ready: { command: [pg_isready] } }
registries:
  ghcr: { address: ghcr.io/acme, username: bot }
  local: { address: "localhost:5001/acme", service: {} }
channels:
  prod: { order: 2, verifyFrom: local }
  main: { order: 1, tag: edge }
`;

/** The lines of the error that a file is refused with. */
function refusal(text: string): string[] {
  try {
    parsePipeline(text, "release.yaml");
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError);
    expect((error as SluiceError).code).toBe("PIPELINE_INVALID");
    return (error as SluiceError).reason.split("\n");
  }
  throw new Error("the file was accepted");
}

const head = "version: 1\nname: shop\n";
const registries = "registries: { r: { address: ghcr.io/acme } }\n";
const service = (body: string) => `${head}${registries}services:\n  web:\n${body}`;

describe("a pipeline file", () => {
  it("is read with its defaults filled in", () => {
    const pipeline = parsePipeline(whole, "release.yaml");
    expect(pipeline.services.map(({ name, image, context }) => [name, image, context])).toEqual([
      ["backend", "backend", "backend"],
      ["frontend", "frontend", "frontend"],
      ["scraper", "tools/scraper", "."],
    ]);
    expect(pipeline.services[0]?.probes).toEqual([
      {
        path: "/healthz",
        port: undefined,
        status: [200, 204],
        body: "ok",
        bodyPattern: undefined,
        intervalMs: undefined,
        deadlineMs: 120_000,
        stableForMs: 90_000,
      },
    ]);
    expect(
      pipeline.services[1]?.probes.map(({ path, bodyPattern }) => [path, bodyPattern]),
    ).toEqual([
      ["/", "^<!doctype html>"],
      ["/app.js", undefined],
    ]);
    expect(pipeline.services[2]?.job).toEqual({
      command: ["collect", "--once"],
      exitCode: 3,
      timeoutMs: 30_000,
    });
    expect(pipeline.registries[1]?.service).toEqual({ image: "registry:2", port: 5001 });
  });

  it("sorts channels by their order and names their tags", () => {
    const { channels } = parsePipeline(whole, "release.yaml");
    expect(channels).toMatchObject([
      { name: "main", tag: "edge", order: 1, verifyFrom: "ghcr" },
      { name: "prod", tag: "prod", order: 2, verifyFrom: "local" },
    ]);
  });

  it("takes environment values as they are written", () => {
    expect(parsePipeline(whole, "release.yaml").services[0]?.env).toEqual({
      DATABASE_URL: "postgres://db/shop",
      WORKERS: "010",
      RATIO: "1.10",
      DEBUG: "true",
    });
  });

  it("may use anchors and merge keys", () => {
    const text = service(
      "    port: 80\n    probe: &p { path: / }\n  api:\n    port: 81\n    probe: { <<: *p, status: 204 }\n",
    );
    expect(parsePipeline(text, "release.yaml").services[1]?.probes[0]).toMatchObject({
      path: "/",
      status: [204],
    });
  });
});

describe("a pipeline file is refused", () => {
  it("with file, line, column, path, what was found and what is expected", () => {
    expect(refusal(service("    port: 80\n    probe: { path: healthz }\n"))).toEqual([
      'release.yaml:7:20 services.web.probe.path: expected a path that starts with a slash, such as /healthz, found "healthz"',
    ]);
  });

  it("with everything that is wrong at once, in the file's order", () => {
    const lines = refusal(
      service(
        "    prot: 80\n    probe: { path: /, status: 99 }\n    needs: [dbb]\n    env: { A: [1] }\ndependencies:\n  db: {}\n",
      ),
    );
    expect(lines).toEqual([
      'release.yaml:6:5 services.web.prot: unknown key "prot"; did you mean "port"? (and 4 more)',
      "release.yaml:7:31 services.web.probe.status: expected an HTTP status between 100 and 599, found 99",
      'release.yaml:8:13 services.web.needs[0]: no service or dependency is called "dbb"; did you mean "db"?',
      "release.yaml:9:15 services.web.env.A: expected text or a number or true or false, found a list",
      "release.yaml:11:3 dependencies.db.image: missing; expected text",
    ]);
  });

  it.each([
    ["depends_on", "needs"],
    ["build_args", "buildArgs"],
    ["environment", "env"],
    ["healthcheck", "probe"],
    ["enviroment", "env"],
    ["contxt", "context"],
  ])("for the unknown key %s, suggesting %s", (key, meant) => {
    const lines = refusal(service(`    port: 80\n    probe: { path: / }\n    ${key}: {}\n`));
    if (key === "enviroment") expect(lines[0]).toContain("; known: ");
    else expect(lines[0]).toContain(`unknown key "${key}"; did you mean "${meant}"?`);
  });

  it("for keys of a later version, saying so", () => {
    const text = `${whole}secrets: {}\n`;
    expect(refusal(text)).toEqual([
      'release.yaml:32:1 secrets: this version does not support "secrets" yet',
    ]);
  });

  it.each([
    ["version: 2", /release.yaml:1:10 version: expected 1, found 2/],
    ["", /expected a mapping, found no value/],
    ["- a\n", /expected a mapping, found a list/],
    ["version: 1\nversion: 1\n", /release.yaml:2:1 Map keys must be unique/],
    ["a: [1\n", /release.yaml:\d+:\d+ Flow sequence/],
    ["a: &a [*a]\n", /release.yaml/],
    ["a: *b\n", /Unresolved alias/],
  ])("when it is %j", (text, expected) => {
    expect(refusal(text).join("\n")).toMatch(expected);
  });

  it.each([
    ["$(id)"],
    ["--flag"],
    ["../up"],
    ["a\nb"],
    ["UPPER"],
    ["a_b"],
    ["-a"],
    ["a".repeat(64)],
    ["a/b"],
    [""],
    ["é"],
  ])("when a service is called %j", (name) => {
    const text = `${head}${registries}services: { ${JSON.stringify(name)}: { port: 80, probe: { path: / } } }`;
    expect(refusal(text)[0]).toContain("expected a name of ");
  });

  it.each([
    ["https://ghcr.io/acme"],
    ["ghcr.io/Acme"],
    ["ghcr.io/acme:tag"],
    ["acme"],
    ["ghcr.io/../x"],
    ["ghcr.io/"],
    ["ghcr.io/a b"],
    ["-x.io/a"],
    ["ghcr.io/$(id)"],
    ["ghcr.io/a\nb"],
    [`ghcr.io/${"a".repeat(300)}`],
  ])("when a registry's address is %j", (address) => {
    const text = `${head}registries: { r: { address: ${JSON.stringify(address)} } }\nservices: { a: { port: 80, probe: { path: / } } }`;
    expect(refusal(text)[0]).toContain("expected a registry host and namespace");
  });

  it.each([["../up"], ["/etc"], ["a/../../b"], ["C:\\x"]])("when a context is %j", (context) => {
    const text = service(
      `    context: ${JSON.stringify(context)}\n    port: 80\n    probe: { path: / }`,
    );
    expect(refusal(text)[0]).toContain("expected a path inside the repository");
  });

  it.each([["30"], ["1d"], ["-1s"], ["0s"], ["25h"], ["1 s"], ["s"]])(
    "when a deadline is %j",
    (deadline) => {
      const text = service(`    port: 80\n    probe: { path: /, deadline: "${deadline}" }`);
      expect(refusal(text)[0]).toMatch(/services.web.probe.deadline: expected a duration/);
    },
  );
});

describe("the parts of a pipeline file have to fit", () => {
  const two = (a: string, b: string) => `${head}${registries}services:\n  a: ${a}\n  b: ${b}\n`;
  const web = (needs: string) => `{ port: 80, probe: { path: / }, needs: [${needs}] }`;

  it.each([
    [
      "a cycle",
      two(web("b"), web("a")),
      "services.a.needs: services wait for each other: a → b → a",
    ],
    ["a service that needs itself", two(web("a"), web("")), "a service can't need itself"],
    ["a need listed twice", two(web("b, b"), web("")), "b is listed twice"],
    ["a need that ends", two(web("b"), "{ job: {} }"), "b is a job, which ends"],
    ["a port without probe", two("{ port: 80 }", web("")), "has a port but no probe"],
    ["a probe without port", two("{ probe: { path: / } }", web("")), "missing port"],
    [
      "neither port nor job nor files",
      two("{ context: a }", web("")),
      "expected a port with a probe, a job, or files",
    ],
    ["a probed job", two("{ job: {}, probe: { path: / } }", web("")), "a job ends by itself"],
    [
      "two services in one repository",
      two("{ image: b, job: {} }", web("")),
      'service a is published as "b", too',
    ],
    [
      "one name for two things",
      `${two(web(""), web(""))}dependencies: { a: { image: x } }`,
      "a service has this name, too",
    ],
    [
      "a verification from nowhere",
      `${two(web(""), web(""))}channels: { prod: { verifyFrom: rr } }`,
      'no registry is called "rr"; did you mean "r"?',
    ],
    [
      "two channels with one tag",
      `${two(web(""), web(""))}channels: { prod: {}, live: { tag: prod } }`,
      'channel prod moves the tag "prod", too',
    ],
    [
      "a channel with a candidate's tag",
      `${two(web(""), web(""))}channels: { prod: { tag: sha-1 } }`,
      "expected a tag that doesn't start with sha-",
    ],
  ])("%s is refused", (_, text, expected) => {
    const lines = refusal(text);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(expected);
  });

  it.each([
    [
      "{ a: { address: ghcr.io/x }, b: { address: ghcr.io/x } }",
      'registry a has the address "ghcr.io/x", too',
    ],
    ["{ a: { address: ghcr.io/x, service: {} } }", "expected localhost:<port>/…"],
    ["{ a: { address: 'localhost/x', service: {} } }", "expected localhost:<port>/…"],
    [
      "{ a: { address: 'localhost:5000/x', service: { port: 5001 } } }",
      "expected the port of the address, 5000, found 5001",
    ],
    [
      "{ a: { address: 'localhost:5000/x', service: {} }, b: { address: 'localhost:5000/y', service: {} } }",
      "registry a runs on port 5000, too",
    ],
  ])("registries %s are refused", (text, expected) => {
    const lines = refusal(`${head}registries: ${text}\nservices: { w: { job: {} } }\n`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(expected);
  });
});

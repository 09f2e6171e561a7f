import { describe, expect, it } from "vitest";
import {
  commandList,
  type ComposeService,
  containerPorts,
  parseCompose,
  plainVariables,
} from "../../.dagger/src/init/compose.ts";
import { exposedPort } from "../../.dagger/src/init/dockerfiles.ts";
import { draftOfCompose, draftOfDockerfiles } from "../../.dagger/src/init/draft.ts";
import { pipelineText } from "../../.dagger/src/init/first-pipeline.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";

function only(text: string): ComposeService {
  const [service] = Object.values(parseCompose("compose.yaml", text));
  return service!;
}

const compose = `
services:
  Web_App:
    build: { context: ./web, dockerfile: prod.Dockerfile, target: final }
    ports: ["127.0.0.1:8080:80/tcp"]
    environment: [API=http://api:3000, "TOKEN=\${TOKEN}", "MODE=\${MODE:-live}", EMPTY]
    depends_on: { api: { condition: service_healthy } }
  api:
    build: api
    environment: { DB: postgres://db/x, DEBUG: true, NONE: null }
    healthcheck: { test: "curl -f http://localhost:3000/healthz || exit 1" }
    expose: [3000]
    depends_on: [db]
  collect:
    build: jobs
    command: node collect.js --once
  db:
    image: registry.example.com:5000/library/postgres:17-alpine
    environment: { POSTGRES_PASSWORD: x }
    healthcheck: { test: [CMD-SHELL, "pg_isready -U postgres"] }
`;

describe("a first pipeline from a Compose file", () => {
  const text = pipelineText("shop", draftOfCompose(parseCompose("compose.yaml", compose), []));

  it("is valid, and has what is built as services and the rest as dependencies", () => {
    const pipeline = parsePipeline(text, "release.yaml");
    expect(pipeline.services.map(({ name }) => name)).toEqual(["web-app", "api", "collect"]);
    expect(pipeline.dependencies).toMatchObject([
      { name: "db", port: 5432, ready: { command: ["sh", "-c", "pg_isready -U postgres"] } },
    ]);
  });

  it("takes build, port, variables and needs over", () => {
    const [web] = parsePipeline(text, "release.yaml").services;
    expect(web).toMatchObject({
      context: "web",
      dockerfile: "prod.Dockerfile",
      target: "final",
      port: 80,
      env: { API: "http://api:3000", MODE: "live" },
      needs: ["api"],
    });
    // What Compose would have taken from its surroundings is not made up.
    expect(Object.keys(web?.env ?? {})).toEqual(["API", "MODE"]);
  });

  it("probes the path that the health check asks for, and takes what has no port for a job", () => {
    const [, api, collect] = parsePipeline(text, "release.yaml").services;
    expect(api?.probes[0]?.path).toBe("/healthz");
    expect(collect?.job?.command).toEqual(["sh", "-c", "node collect.js --once"]);
  });
});

describe("a first pipeline from Dockerfiles alone", () => {
  it("names services after their folders, and twice the same name apart", () => {
    const draft = draftOfDockerfiles([
      { folder: ".", file: "Dockerfile", port: 8080, files: [] },
      { folder: "services/api", file: "Dockerfile", port: 3000, files: [] },
      { folder: "tools/api", file: "Dockerfile", port: undefined, files: [] },
      { folder: "services", file: "Worker.Dockerfile", port: undefined, files: [] },
    ]);
    const { services } = parsePipeline(pipelineText("x", draft), "release.yaml");
    expect(services.map(({ name, job }) => [name, job !== undefined])).toEqual([
      ["app", false],
      ["api", false],
      ["api-2", true],
      ["worker", true],
    ]);
  });
});

describe("what is read", () => {
  it("is the container's side of a port", () => {
    const ports = "services: { a: { ports: ['80', '8080:81', '[::1]:9:82/udp', { target: 83 }] } }";
    expect(containerPorts(only(ports))).toEqual([80, 81, 82, 83]);
  });

  it("is a variable's own value, with dollars unescaped", () => {
    const text = "services: { a: { environment: { A: 'x$$y', B: $C, D: 1 } } }";
    expect(plainVariables(only(text))).toEqual({ A: "x$y", D: "1" });
  });

  it("is a command as a list, through a shell when it needs one", () => {
    expect(commandList("serve")).toEqual(["serve"]);
    expect(commandList("serve --port 1")).toEqual(["sh", "-c", "serve --port 1"]);
    expect(commandList(["a", "b c"])).toEqual(["a", "b c"]);
  });

  it("is the last stage's port of a Dockerfile, unless it is a variable", () => {
    expect(exposedPort("FROM a\nEXPOSE 1\nFROM b AS c\nRUN x\nexpose 8080/tcp 9\n")).toBe(8080);
    expect(exposedPort("FROM a\nEXPOSE $PORT\n")).toBeUndefined();
  });

  it("names the place of what can't be read", () => {
    expect(() => parseCompose("compose.yaml", "services: { a: { ports: 80 } }")).toThrow(
      /compose\.yaml can't be read: .*ports.*\[COMPOSE_INVALID\]/s,
    );
  });
});

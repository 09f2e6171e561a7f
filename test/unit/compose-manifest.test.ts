import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { composeDrift } from "../../.dagger/src/compose/drift.ts";
import { composeManifest } from "../../.dagger/src/compose/manifest.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";
import { scratch } from "../support/scratch.ts";

const pipeline = parsePipeline(
  `
version: 1
name: The Shop
services:
  backend:
    port: 80
    probe: { path: / }
    needs: [db, cache]
    env: { DATABASE_URL: "postgres://db/$shop", WORKERS: 010, "NO": yes, PRICE: "\${5}", EMPTY: "" }
    command: [serve, "--greet=it's 5$", "22:22"]
  web-app: { image: team/web, port: 80, probe: { path: / }, needs: [backend] }
  scraper: { job: { command: [collect, --once] }, needs: [web-app] }
dependencies:
  db: { image: postgres:17, port: 5432, env: { POSTGRES_PASSWORD: shop }, ready: { command: [sh, -c, "pg_isready -U $USER"], deadline: 30s } }
  cache: { image: redis:8, port: 6379 }
registries: { ghcr: { address: ghcr.io/acme }, hub: { address: docker.io/acme } }
channels: { prod: {} }
`,
  "release.yaml",
);
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const holds = {
  commit: "c".repeat(40),
  release: "v1.2.3",
  digests: { backend: digest("1"), "web-app": digest("2"), scraper: digest("3") },
};
const manifest = () => composeManifest(pipeline, holds, "prod", "hub");

describe("a Compose manifest", () => {
  it("pins what a channel holds, and says where it comes from", () => {
    expect(manifest())
      .toBe(`# Written by Sluice from release.yaml: what prod holds, pinned by digest. Don't edit it.
# Commit: ${holds.commit}
# Release: v1.2.3

name: "the-shop"
services:
  backend:
    image: "docker.io/acme/backend@${digest("1")}"
    ports:
      - "\${BACKEND_PORT:-80}:80"
    environment:
      DATABASE_URL: "postgres://db/$$shop"
      WORKERS: "010"
      NO: "yes"
      PRICE: "$\${5}"
      EMPTY: ""
    command:
      - "serve"
      - "--greet=it's 5$$"
      - "22:22"
    depends_on:
      db:
        condition: "service_healthy"
      cache:
        condition: "service_started"
  web-app:
    image: "docker.io/acme/team/web@${digest("2")}"
    ports:
      - "\${WEB_APP_PORT:-0}:80"
    depends_on:
      backend:
        condition: "service_started"
  scraper:
    image: "docker.io/acme/scraper@${digest("3")}"
    profiles:
      - "job"
    command:
      - "collect"
      - "--once"
    depends_on:
      web-app:
        condition: "service_started"
  db:
    image: "postgres:17"
    environment:
      POSTGRES_PASSWORD: "shop"
    healthcheck:
      test:
        - "CMD"
        - "sh"
        - "-c"
        - "pg_isready -U $$USER"
      start_period: "30000ms"
      interval: "2s"
      timeout: "10s"
      retries: 3
  cache:
    image: "redis:8"
`);
    expect(manifest()).toBe(manifest());
  });

  it("is refused when the channel lacks an image, or there is no such registry", () => {
    const part = { ...holds, digests: { backend: digest("1") } };
    expect(() => composeManifest(pipeline, part, "prod", "hub")).toThrow(
      `prod holds no image of web-app, at ${holds.commit} [COMPOSE_INCOMPLETE]\nNext: promote a commit that has web-app to prod first`,
    );
    expect(() => composeManifest(pipeline, holds, "prod", "x")).toThrow(
      'release.yaml has no registry "x" [REGISTRY_UNKNOWN]\nNext: name one of: ghcr, hub',
    );
  });

  it("stays a comment where the file's name has a line break", () => {
    const odd = composeManifest({ ...pipeline, file: "a\nservices: {}" }, holds, "prod", "hub");
    expect(odd.split("\n")[0]).toBe(
      "# Written by Sluice from a?services: {}: what prod holds, pinned by digest. Don't edit it.",
    );
  });

  it("differs from another one where their values do", () => {
    const other = manifest()
      .replace(/^# Commit.*$/m, "# by hand")
      .replace(digest("2"), digest("9"))
      .replace('WORKERS: "010"', "WORKERS: 8")
      .replace("  cache:\n    image", "  cache:\n    restart: always\n    image");
    expect(composeDrift(manifest(), other)).toEqual([
      'services.backend.environment.WORKERS: expected "010", found 8',
      `services.web-app.image: expected "docker.io/acme/team/web@${digest("2")}", found "docker.io/acme/team/web@${digest("9")}"`,
      'services.cache.restart: expected nothing, found "always"',
    ]);
  });

  it.each([
    [undefined, "the file is missing"],
    ["a: [", "it is not YAML: "],
    ["a: &a [*a]", "it is not YAML: "],
    ["", 'name: expected "the-shop", found nothing'],
  ])("differs from %j", (actual, expected) => {
    expect(composeDrift(manifest(), actual).join("\n")).toContain(expected);
  });

  it("differs from none that says the same", () => {
    expect(composeDrift(manifest(), manifest().replaceAll(/#.*\n/g, ""))).toEqual([]);
  });
});

const composeThere = (() => {
  try {
    execFileSync("docker", ["compose", "version"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn(
      "docker compose is not here: nothing says that Compose reads the manifest as it is meant",
    );
    return false;
  }
})();

describe.skipIf(!composeThere)("Compose itself", () => {
  interface Config {
    name: string;
    services: Record<
      string,
      {
        image: string;
        environment?: Record<string, string>;
        command?: string[] | null;
        ports?: { target: number; published?: string }[];
        profiles?: string[];
        healthcheck?: { test: string[]; start_period: string };
      }
    >;
  }

  async function config(env: Record<string, string>): Promise<Config> {
    const dir = await scratch({ "compose.yaml": manifest() });
    const { stdout } = await promisify(execFile)(
      "docker",
      ["compose", "--profile", "job", "config", "--format", "json"],
      { cwd: dir, env: { PATH: process.env["PATH"], HOME: dir, shop: "WRONG", ...env } },
    );
    return JSON.parse(stdout) as Config;
  }

  it("reads it, with every value as the pipeline file has it", async () => {
    const { name, services } = await config({});
    expect(name).toBe("the-shop");
    expect(Object.keys(services).sort()).toEqual(["backend", "cache", "db", "scraper", "web-app"]);
    expect(services["web-app"]?.image).toBe(`docker.io/acme/team/web@${digest("2")}`);
    expect(services["scraper"]?.profiles).toEqual(["job"]);
    const unescaped = (texts: readonly string[] | undefined | null) =>
      texts?.map((text) => text.replaceAll("$$", "$"));
    const [backend] = pipeline.services;
    const [dependency] = pipeline.dependencies;
    expect(unescaped(services["backend"]?.command)).toEqual(backend?.command);
    expect(unescaped(Object.values(services["backend"]?.environment ?? {}))?.sort()).toEqual(
      Object.values(backend?.env ?? {}).sort(),
    );
    expect(unescaped(services["db"]?.healthcheck?.test)).toEqual([
      "CMD",
      ...(dependency?.ready.command ?? []),
    ]);
    expect(services["db"]?.healthcheck?.start_period).toBe("30s");
    expect(services["backend"]?.ports).toMatchObject([{ target: 80, published: "80" }]);
  });

  it("publishes a service on the port that its surroundings name", async () => {
    const { services } = await config({ WEB_APP_PORT: "8080" });
    expect(services["web-app"]?.ports).toMatchObject([{ target: 80, published: "8080" }]);
  });
});

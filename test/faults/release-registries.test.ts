import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nonce } from "../support/containers.ts";
import { healthyService, pipelineFile, serviceImage } from "../support/oneService.ts";
import { type OutsideRegistry, outsideRegistry } from "../support/outsideRegistry.ts";
import { answers, type Fault } from "../support/registryFront.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";

/** Registries that refuse, fail or are gone while a commit is published or promoted. */
const name = `test-registries-${nonce()}`;
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
});

/** Two registries, and a repository that is released to both. */
interface Fixture {
  one: OutsideRegistry;
  two: OutsideRegistry;
  repository: ReleaseRepository;
}

async function fixture(options: { signIn?: boolean } = {}): Promise<Fixture> {
  const [one, two] = await Promise.all([outsideRegistry(), outsideRegistry(options)]);
  const repository = await ReleaseRepository.create({
    ...serviceImage,
    "release.yaml": pipelineFile(name, healthyService, [one.host, two.host]),
  });
  closing.push(
    () => one.stop(),
    () => two.stop(),
    () => repository.remove(),
  );
  return { one, two, repository };
}

/** Does this to every request from now on, until the test says otherwise. */
async function during<T>({ front }: OutsideRegistry, fault: Fault, work: () => Promise<T>) {
  front.faults = Array<Fault>(1000).fill(fault);
  try {
    return await work();
  } finally {
    front.faults = [];
  }
}

/** Only for requests of that kind. */
const only =
  (kind: RegExp, fault: Fault): Fault =>
  (incoming, answer) =>
    kind.test(`${incoming.method ?? ""} ${incoming.url ?? ""}`) && fault(incoming, answer);

const refusing = (status: number, code: string, message: string): Fault =>
  answers(status, {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ errors: [{ code, message }] }),
  });

describe.concurrent("a registry", () => {
  test("that wants credentials gets them, and nobody else sees them", async () => {
    const { one, two, repository } = await fixture({ signIn: true });
    const publish = ["publish", "json"];
    const signIn = (variable: string) => [
      ...["with-registry-auth", "--address", two.host, "--username", "sluice"],
      ...["--secret", `env:${variable}`],
    ];

    const anonymous = await repository.refused(publish);
    expect(anonymous.code).toBe(1);
    expect(anonymous.error).toMatch(
      `GET ${two.host}/app/backend:sha-${await repository.head()}: HTTP 401`,
    );
    expect(anonymous.error).toContain("[REGISTRY_UNAUTHORIZED]");
    expect(anonymous.next).toContain("--registry-auth");

    const wrong = await repository.refused([...signIn("WRONG"), ...publish], {
      env: { WRONG: "close-sesame" },
    });
    expect(wrong.error).toContain("[REGISTRY_UNAUTHORIZED]");
    expect(wrong.stderr).not.toContain("close-sesame");
    expect(wrong.stderr).not.toContain(Buffer.from("sluice:close-sesame").toString("base64"));
    expect(await one.tags("app/backend")).toEqual({});

    const outcome = await repository.run(
      [...signIn("RIGHT"), ..."publish promote --channel prod json".split(" ")],
      { env: { RIGHT: "open-sesame" } },
    );
    expect(outcome.code, outcome.stderr).toBe(0);
    expect(outcome.stdout + outcome.stderr).not.toContain("open-sesame");
    const held = await two.tags("app/backend");
    expect(Object.keys(held)).toEqual([
      "app/backend:prod",
      `app/backend:sha-${await repository.head()}`,
    ]);
    expect(await one.tags("app/backend")).toEqual(held);
    expect(one.front.authorizations.every((header) => header === "")).toBe(true);
  });

  test("that takes no images leaves an incomplete candidate, which is never promoted", async () => {
    const { one, two, repository } = await fixture();
    const tag = `app/backend:sha-${await repository.head()}`;
    const denied = only(/^(?:POST|PUT|PATCH)/, refusing(403, "DENIED", "read-only token"));
    const [published, promoted] = await during(two, denied, async () => [
      await repository.refused(["publish", "json"]),
      await repository.refused(["promote", "--channel", "prod", "json"]),
    ]);
    expect(published.code).toBe(1);
    expect(published.error).toContain("not every image could be published: ");
    expect(published.error).toContain(`${two.host}/${tag}`);
    expect(published.error).toContain("read-only token");
    expect(published.error).toMatch(/ \[PUBLISH_FAILED\]$/);
    expect(promoted.error).toBe(
      `${await repository.head()} is published in part only: ${two.host}/${tag} not found [CANDIDATE_INCOMPLETE]`,
    );
    expect(promoted.next).toContain("sluice call publish --commit");
    expect(Object.keys(await one.tags("app/backend"))).toEqual([tag]);

    await repository.call("publish", "json");
    expect(await two.tags("app/backend")).toEqual(await one.tags("app/backend"));
  });

  test("that does not answer at all is named", async () => {
    const { one, repository } = await fixture();
    const gone = await closedPort();
    await repository.commit("Move", {
      "release.yaml": pipelineFile(name, healthyService, [one.host, `127.0.0.1:${gone}`]),
    });
    const refused = await repository.refused(["publish", "json"]);
    expect(refused.code).toBe(1);
    expect(refused.error).toMatch(
      new RegExp(`^127\\.0\\.0\\.1:${gone} can't be reached: .*ECONNREFUSED.* \\(4 attempts\\)`),
    );
    expect(refused.error).toContain("[REGISTRY_UNREACHABLE]");
    expect(refused.next).toContain("check the registry's address");
    expect(await one.tags("app/backend")).toEqual({});
  });
});

describe("a registry that fails while prod moves", () => {
  let all: Fixture;
  let before: Record<string, string>;

  beforeAll(async () => {
    all = await fixture();
    await all.repository.call(..."publish promote --channel prod json".split(" "));
    await all.repository.commit("Change the page", { "srv/index.html": "new" });
    await all.repository.call("publish", "json");
    before = await all.one.tags("app/backend");
    expect(Object.keys(before)).toHaveLength(3);
    expect(await all.two.tags("app/backend")).toEqual(before);
  });

  const failures = [
    {
      title: "for good",
      fault: refusing(403, "DENIED", "prod is protected"),
      says: "HTTP 403, DENIED: prod is protected [REGISTRY_DENIED]",
    },
    {
      title: "again and again",
      fault: refusing(503, "UNAVAILABLE", "maintenance"),
      says: "HTTP 503, UNAVAILABLE: maintenance (4 attempts) [REGISTRY_UNAVAILABLE]",
    },
  ];

  test.each(failures.map((one) => [one.title, one] as const))(
    "%s leaves every tag as it was",
    async (_title, { fault, says }) => {
      const { one, two, repository } = all;
      const refused = await during(two, only(/^PUT .*\/manifests\/prod$/, fault), () =>
        repository.refused(["promote", "--channel", "prod", "json"]),
      );
      expect(refused.code).toBe(1);
      expect(refused.error).toBe(
        `nothing is promoted, every tag holds what it held before: PUT ${two.host}/app/backend:prod: ${says} [PROMOTION_FAILED]`,
      );
      const prod = before["app/backend:prod"]?.slice("sha256:".length, "sha256:".length + 12);
      for (const { host } of [one, two]) {
        expect(refused.stderr).toContain(
          `${host}/app/backend:prod: held ${prod ?? ""}, holds ${prod ?? ""}`,
        );
      }
      expect(await one.tags("app/backend")).toEqual(before);
      expect(await two.tags("app/backend")).toEqual(before);
    },
  );

  test("just once does not matter", async () => {
    const { one, two, repository } = all;
    two.front.faults = [only(/^PUT .*\/manifests\/prod$/, answers(503))];
    await repository.call("promote", "--channel", "prod", "json");
    expect(two.front.faults).toEqual([]);
    const candidate = before[`app/backend:sha-${await repository.head()}`];
    expect(await one.tags("app/backend")).toMatchObject({ "app/backend:prod": candidate });
    expect(await two.tags("app/backend")).toMatchObject({ "app/backend:prod": candidate });
  });
});

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

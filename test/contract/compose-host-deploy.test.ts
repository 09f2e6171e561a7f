import { execFileSync } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anyPorts, composeHost, deployerOn, wantedOf } from "../support/composeHost.ts";
import { composeImages } from "../support/composeImages.ts";
import { busybox, docker } from "../support/dockerStage.ts";
import { scratch } from "../support/scratch.ts";

const images = composeImages();

describe("a deployment to a Compose host", { timeout: 240_000 }, () => {
  it("runs exactly the digests that are wanted, and does nothing when it is done again", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const backend = await images.image("backend", "1");
    const deployer = deployerOn({ host, address: images.address });

    expect(await deployer.running()).toBeUndefined();
    const done = await deployer.deploy(wantedOf("1", [backend]));

    expect(done).toEqual({
      release: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      notes: [],
    });
    expect(await deployer.running()).toEqual({ backend: backend.digest });
    expect(await host.read("compose.yaml")).toContain(`image: "${backend.ref}"`);
    expect(await deployer.logs()).toContain("backend 1");
    expect(deployer.kept.get("compose-host/live.log")).toContain("== verify");

    const before = await host.containers();
    const env = await host.read(".env");
    const again = await deployer.deploy(wantedOf("1", [backend]));
    expect(again.notes).toEqual(["live ran exactly this already"]);
    expect(await host.containers()).toEqual(before);
    expect(await host.read(".env")).toBe(env);
  });

  it("says beforehand what it would do, and changes nothing", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const one = await images.image("backend", "1");
    const two = await images.image("backend", "2");
    const deployer = deployerOn({
      ...{ host, address: images.address },
      platform: {
        maintenance: { on: ["touch", "it's on"], off: ["rm", "it's on"] },
        migrate: { service: "backend", command: ["migrate", "--now"] },
      },
    });

    const compose = `docker compose --project-name ${host.name}-live`;
    const planned = await deployer.plan(wantedOf("1", [one]));
    expect(planned).toEqual([
      `on ssh://${host.ssh.user}@127.0.0.1:${host.ssh.port}, in ${host.directory}`,
      `backend: starts as ${one.digest}`,
      `${compose} pull --policy missing backend`,
      "touch 'it'\\''s on'",
      `${compose} run --rm --no-deps -T backend migrate --now`,
      `${compose} up --detach --wait --wait-timeout 40 --remove-orphans`,
      "rm 'it'\\''s on'",
    ]);
    expect(await host.files()).toEqual(["host.env"]);

    const plain = deployerOn({ host, address: images.address });
    await plain.deploy(wantedOf("1", [one]));
    const files = await host.files();
    expect(await plain.plan(wantedOf("2", [two]))).toContain(
      `backend: ${one.digest} -> ${two.digest}`,
    );
    expect(await plain.plan(wantedOf("1", [one]))).toContain(`backend: stays ${one.digest}`);
    expect(await host.files()).toEqual(files);
    expect(await plain.running()).toEqual({ backend: one.digest });
  });

  it("goes back by hand to what ran before, as it was, without a migration", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const one = await images.image("backend", "1");
    const two = await images.image("backend", "2");
    const overlay = (text: string) => ({
      "ops/live.yaml": `services: { backend: { environment: { SAID: ${text} } } }\n`,
    });
    const at = (said: string) =>
      deployerOn({
        ...{ host, address: images.address, files: overlay(said) },
        platform: {
          files: ["ops/live.yaml"],
          migrate: { service: "backend", command: ["sh", "-c", "echo migrated by $VERSION"] },
        },
      });
    const first = at("first");
    await first.deploy(wantedOf("1", [one]));
    expect(first.kept.get("compose-host/live.log")).toContain("migrated by 1");
    await at("second").deploy(wantedOf("2", [two]));
    expect(await host.environment("backend")).toContain("SAID=second");
    expect(await host.read("compose.previous.yaml")).toContain(one.ref);
    expect(await host.read(".env.previous")).toContain(`SLUICE_COMMIT="${"1".repeat(40)}"`);

    const back = at("second");
    await back.deploy(wantedOf("1", [one], { kind: "rollback" }));

    expect(await back.running()).toEqual({ backend: one.digest });
    expect(await host.environment("backend")).toEqual(
      expect.arrayContaining(["SAID=first", "VERSION=1"]),
    );
    expect(back.kept.get("compose-host/live.log")).not.toContain("migrated");
    expect(await host.read("compose.yaml")).toContain(one.ref);
    expect(await host.read("compose.previous.yaml")).toContain(two.ref);
  });

  it("has what a migration needs running before, on the first time too", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const backend = await images.image("backend", "1");
    const db = await images.image("db", "1");
    const ask = "wget -q -O - http://db:8080/healthz && echo the database answers";
    const deployer = deployerOn({
      ...{ host, address: images.address },
      platform: { migrate: { service: "backend", command: ["sh", "-c", ask] } },
      pipeline: {
        services: {
          backend: { port: 8080, probe: { path: "/healthz" }, needs: ["db"] },
          job: { job: {} },
          firmware: { files: ["/firmware.bin"] },
        },
        dependencies: {
          db: { image: db.ref, port: 8080, ready: { command: ["test", "-e", "/srv/healthz"] } },
        },
      },
    });
    const job = await images.image("job", "1");

    await deployer.deploy(wantedOf("1", [backend, job, { ...job, service: "firmware" }]));

    expect(deployer.kept.get("compose-host/live.log")).toContain("the database answers");
    // Jobs are there to be run, and files are no containers.
    expect(await docker("image", "inspect", "--format", "{{.Os}}", job.ref)).toBe("linux");
    expect(await deployer.running()).toEqual({ backend: backend.digest });
    expect(await host.containers()).toHaveLength(2);
    expect(await host.read("compose.yaml")).toContain(job.ref);
    expect(await host.read("compose.yaml")).not.toContain("firmware");
  });

  it("keeps slots beside each other, each with its own files and project", async () => {
    const host = await composeHost();
    const one = await images.image("backend", "1");
    const two = await images.image("backend", "2");
    const slot = (number: number) =>
      deployerOn({ host, address: images.address, slot: number, platform: { slots: 2 } });
    await anyPorts(host, "slot-1");
    await anyPorts(host, "slot-2");

    await Promise.all([slot(1).deploy(wantedOf("1", [one])), slot(2).deploy(wantedOf("2", [two]))]);

    expect(await slot(1).running()).toEqual({ backend: one.digest });
    expect(await slot(2).running()).toEqual({ backend: two.digest });
    expect(await host.read("slot-1/.env")).toContain('SLOT="1"');
    expect(await host.read("slot-2/compose.yaml")).toContain(two.ref);
    expect(await host.containers(`${host.name}-live-2`)).toHaveLength(1);
  });

  it("gives containers every value as it is, whatever is in it", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const backend = await images.image("backend", "1");
    const odd = `$(touch owned) \`touch owned\` --flag ../.. 'it' "is" \${HOME} $$ \\n ${"x".repeat(300)}`;
    const names = [
      ...["SLOT", "SLUICE_COMMIT", "SLUICE_RELEASE", "SLUICE_ENVIRONMENT", "SLUICE_DEPLOYED_AT"],
    ];
    const deployer = deployerOn({
      ...{ host, address: images.address, environment: odd },
      files: { "live.yaml": `services: { backend: { environment: [${names.join(", ")}] } }\n` },
      platform: { files: ["live.yaml"] },
    });

    await deployer.deploy(wantedOf("1", [backend], { release: "v1.0.0" }));

    const environment = await host.environment("backend");
    expect(environment).toEqual(
      expect.arrayContaining([
        `SLUICE_ENVIRONMENT=${odd}`,
        `SLUICE_COMMIT=${"1".repeat(40)}`,
        "SLUICE_RELEASE=v1.0.0",
        "SLOT=",
      ]),
    );
    expect(environment.find((line) => line.startsWith("SLUICE_DEPLOYED_AT="))).toMatch(
      /=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    );
    expect(await host.files()).not.toContain("owned");
  });

  it("needs no more of a host than Docker, busybox and flock", async () => {
    const folder = await scratch();
    execFileSync(await busybox(), ["--install", "-s", folder]);
    // Debian's busybox is without flock.
    for (const name of ["docker", "flock"]) {
      await symlink(execFileSync("which", [name]).toString().trim(), join(folder, name));
    }
    const host = await composeHost({ env: { PATH: folder } });
    await anyPorts(host);
    const backend = await images.image("backend", "1");
    const broken = await images.image("backend", "2", "broken");
    const deployer = deployerOn({ host, address: images.address });

    await deployer.deploy(wantedOf("1", [backend]));
    const failure = await deployer.deploy(wantedOf("2", [broken])).catch(String);

    expect(failure).toContain("what ran there before runs again [COMPOSE_DEPLOY_FAILED]");
    expect(await deployer.running()).toEqual({ backend: backend.digest });
  });

  it("runs commands on the host word by word", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const backend = await images.image("backend", "1");
    const words = ["$(touch owned)", "--flag", "", "two\nlines\n", "'", "x".repeat(300)];
    const deployer = deployerOn({
      ...{ host, address: images.address },
      platform: {
        maintenance: {
          on: ["sh", "-c", 'printf "<%s>" "$@" >words', "sh", ...words],
          off: ["true"],
        },
      },
    });

    await deployer.deploy(wantedOf("1", [backend]));

    expect(await host.read("words")).toBe(words.map((word) => `<${word}>`).join(""));
    expect(await host.files()).not.toContain("owned");
  });
});

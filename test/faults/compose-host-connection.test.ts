import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { composeHost, deployerOn, wantedOf } from "../support/composeHost.ts";
import { sshServer } from "../support/gitSsh.ts";
import { scratch } from "../support/scratch.ts";

const run = promisify(execFile);
const address = "127.0.0.1:1/acme";
const digest = `sha256:${"a".repeat(64)}`;
const wanted = wantedOf("1", [{ service: "backend", digest, ref: `${address}/backend@${digest}` }]);

/** Every way of talking to a host says the same. */
async function complaints(options: Partial<Parameters<typeof deployerOn>[0]>): Promise<string[]> {
  const host = await composeHost();
  const deployer = deployerOn({ host, address, ...options });
  const ways = [
    () => deployer.plan(wanted),
    () => deployer.deploy(wanted),
    () => deployer.running(),
    () => deployer.logs(),
  ];
  const said: string[] = [];
  for (const way of ways) said.push(await way().then(() => "it worked", String));
  expect(await host.files()).toEqual([]);
  return [...new Set(said)];
}

describe("a host that can't be talked to", () => {
  it("is not there", async () => {
    const [said = "", ...others] = await complaints({ port: 1 });
    expect(others).toEqual([]);
    expect(said).toMatch(
      /ssh:\/\/\w+@127\.0\.0\.1:1 can't be reached: ssh: connect to host 127\.0\.0\.1 port 1: Connection refused \[COMPOSE_HOST_UNREACHABLE\]/,
    );
    expect(said).toContain("Next: check that the host is up");
  });

  it("speaks something else than SSH", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const bound = server.address();
    const port = typeof bound === "object" ? bound?.port : undefined;
    const [said = "", ...others] = await complaints({ port: port ?? 0 });
    expect(others).toEqual([]);
    expect(said).toContain("[COMPOSE_HOST_UNREACHABLE]");
  });

  it("shows another key than expected, whose fingerprint is told; it gets nothing", async () => {
    const other = await sshServer();
    const host = await composeHost();
    const lines = other.knownHosts(`[127.0.0.1]:${host.ssh.port}`);
    const own = await scratch({ "own.pub": host.ssh.knownHosts("").trim() });
    const { stdout } = await run("ssh-keygen", ["-lf", `${own}/own.pub`]);
    const [fingerprint = ""] = /SHA256:\S+/.exec(stdout) ?? [];
    const [said = "", ...others] = await complaints({
      host,
      settings: { DEPLOY_KNOWN_HOSTS: lines },
    });
    expect(others).toEqual([]);
    expect(said).toContain(
      `127.0.0.1:${host.ssh.port} shows another host key than expected: ${fingerprint}; nothing was sent there [COMPOSE_HOST_KEY_CHANGED]`,
    );
    expect(await host.files()).toEqual([]);
  });

  it("is not among the known hosts", async () => {
    const other = await sshServer();
    const [said = "", ...others] = await complaints({
      settings: { DEPLOY_KNOWN_HOSTS: other.knownHosts("shop.example.com") },
    });
    expect(others).toEqual([]);
    expect(said).toMatch(
      /DEPLOY_KNOWN_HOSTS has no line for \[127\.0\.0\.1\]:\d+, so the host is not trusted \[COMPOSE_HOST_KEY_UNKNOWN\]/,
    );
  });

  it("has no known key given at all", async () => {
    const [said = "", ...others] = await complaints({ settings: { DEPLOY_KNOWN_HOSTS: " " } });
    expect(others).toEqual([]);
    expect(said).toMatch(/so it is not trusted: .*missing or empty \[COMPOSE_HOST_KEY_UNKNOWN\]/);
    expect(said).toMatch(/Next: run: ssh-keyscan -p \d+ 127\.0\.0\.1 > known_hosts, compare it/);
  });

  it("refuses the key", async () => {
    const host = await composeHost();
    const [said = "", ...others] = await complaints({
      host,
      settings: { DEPLOY_SSH_KEY: host.ssh.otherKey },
    });
    expect(others).toEqual([]);
    expect(said).toContain("refuses the key of DEPLOY_SSH_KEY [COMPOSE_HOST_REFUSED]");
    expect(said).toContain("authorized_keys there");
    expect(said).not.toContain("BEGIN OPENSSH");
  });

  it("gets something that is no key", async () => {
    const [said] = await complaints({ settings: { DEPLOY_SSH_KEY: "no key" } });
    expect(said).toContain("refuses the key of DEPLOY_SSH_KEY [COMPOSE_HOST_REFUSED]");
    expect(said).toContain("error in libcrypto");
  });
});

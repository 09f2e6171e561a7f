import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemdUnits, type FollowOptions } from "../../.dagger/src/deploy/compose-host/timer.ts";
import { scratch } from "../support/scratch.ts";

const options: FollowOptions = {
  ...{ pipeline: "The Shop", target: "live", everyMs: 300_000 },
  command: ["/usr/local/bin/sluice", "call", "deploy-compose", "--target", "live"],
  ...{ checkout: "/srv/shop/source", user: "deploy", settings: ["DEPLOY_SSH_KEY", "GIT_TOKEN"] },
};

describe("units for a host that follows its channel", () => {
  it("are a service, a timer and an example of its settings", () => {
    const units = systemdUnits(options);
    expect(Object.keys(units)).toEqual([
      "sluice-the-shop-live.service",
      "sluice-the-shop-live.timer",
      "sluice-the-shop-live.env.example",
    ]);
    expect(units["sluice-the-shop-live.service"]?.split("\n").slice(0, 15)).toEqual([
      "[Unit]",
      "Description=Deploys what The Shop promotes to live",
      "Wants=network-online.target",
      "After=network-online.target docker.service",
      "",
      "[Service]",
      "Type=oneshot",
      "User=deploy",
      "WorkingDirectory=/srv/shop/source",
      "EnvironmentFile=/etc/sluice/sluice-the-shop-live.env",
      'ExecStart=/usr/local/bin/sluice "call" "deploy-compose" "--target" "live"',
      "TimeoutStartSec=1800",
      "UMask=0077",
      "NoNewPrivileges=yes",
      "CapabilityBoundingSet=",
    ]);
    expect(units["sluice-the-shop-live.timer"]).toContain(
      "OnBootSec=60\nOnUnitInactiveSec=300\nRandomizedDelaySec=30\n",
    );
    expect(units["sluice-the-shop-live.env.example"]).toMatch(/\nDEPLOY_SSH_KEY=\nGIT_TOKEN=\n$/);
  });

  it("are of one slot, and follow a branch", () => {
    const units = systemdUnits({ ...options, slot: 2, branch: "production", everyMs: 1 });
    expect(units["sluice-the-shop-live-2.service"]).toContain(
      'ExecStartPre=/usr/bin/git "pull" "--quiet" "--ff-only" "--" "origin" "production"\n',
    );
    expect(units["sluice-the-shop-live-2.timer"]).toContain("OnUnitInactiveSec=10\n");
  });

  it("hand out words as they are", () => {
    const word = `%h $HOME \${X} "a" 'b' \\n ; --flag ${"x".repeat(300)}`;
    const units = systemdUnits({ ...options, pipeline: "100%", command: ["/bin/true", word] });
    const service = units["sluice-100-live.service"];
    expect(service).toContain("Description=Deploys what 100%% promotes to live\n");
    expect(service).toContain(
      `ExecStart=/bin/true "%%h $$HOME $\${X} \\"a\\" 'b' \\\\n ; --flag ${"x".repeat(300)}"\n`,
    );
  });

  it.each<[string, Partial<FollowOptions>]>([
    ["a line break in a word", { command: ["/bin/true", "a\nExecStart=/bin/evil"] }],
    ["a program without its path", { command: ["sluice"] }],
    ["a program with a prefix of systemd's", { command: ["+/bin/true"] }],
    ["no command", { command: [] }],
    ["a line break in the pipeline's name", { pipeline: "shop\n[Service]" }],
    ["a checkout that is no absolute path", { checkout: "-/srv/shop" }],
    ["a checkout that leaves its folder", { checkout: "/srv/../etc" }],
    ["a user with a line break", { user: "deploy\nUser=root" }],
  ])("refuse %s", (_, more) => {
    expect(() => systemdUnits({ ...options, ...more })).toThrow("[SYSTEMD_VALUE_INVALID]");
  });

  const analyze = available("systemd-analyze");
  // Left out visibly where there is no systemd.
  it.skipIf(!analyze)("are understood by systemd itself", async () => {
    const folder = await scratch();
    const units = systemdUnits({
      ...{ ...options, user: "root", checkout: folder, branch: "production" },
      command: ["/bin/true", "%h", "$HOME", 'a "b" \\', "--flag"],
    });
    for (const [name, text] of Object.entries(units)) await writeFile(join(folder, name), text);
    const files = Object.keys(units)
      .filter((name) => !name.endsWith(".example"))
      .map((name) => join(folder, name));
    const verify = () =>
      execFileSync("systemd-analyze", ["verify", "--man=no", ...files], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    expect(verify()).toBe("");
    // So that a mistake would have shown.
    await writeFile(files[0] ?? "", "[Service]\nExecStart=no path\n");
    expect(verify).toThrow();
  });
});

function available(program: string): boolean {
  try {
    execFileSync(program, ["--version"]);
    return true;
  } catch {
    return false;
  }
}

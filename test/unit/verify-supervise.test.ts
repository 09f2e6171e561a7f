import { setTimeout as after } from "node:timers/promises";
import { uptime } from "node:os";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { ControlChannel } from "../../.dagger/src/verify/supervise/control.ts";
import type { Supervised } from "../../.dagger/src/verify/supervise/supervised.ts";
import { addressOf, busyboxImage, docker, DockerStage } from "../support/dockerStage.ts";

let image = "";
beforeAll(async () => {
  image = await busyboxImage();
  return () => docker("rmi", image);
});

let stage = new DockerStage({ image });
afterEach(() => stage.close());

async function start(
  command: string[],
  options: { user?: string; env?: Record<string, string>; ports?: number[] } = {},
): Promise<Supervised> {
  stage = new DockerStage({ image, user: options.user });
  const { ports = [], env = {} } = options;
  const spec = { name: "app", image, ports, env, secrets: {}, command };
  return (await stage.prepare(spec)).start([]);
}

const sh = (script: string) => ["sh", "-c", script];
const soon = () => AbortSignal.timeout(5000);

describe("a supervised program", () => {
  test("has the environment of the image and what was set for it, and nothing more", async () => {
    const plain = await docker("run", "--rm", "--env", "COLOUR=blue", image, "env");
    const running = await start(["env"], { env: { COLOUR: "blue" } });
    await running.exited;
    const names = (text: string) =>
      text
        .trim()
        .split("\n")
        .map((line) => line.split("=")[0])
        .sort();
    expect(names(running.log.text())).toEqual(names(plain));
    expect(running.log.text()).toContain("COLOUR=blue");
  });

  test("gets its arguments as they are", async () => {
    const running = await start(["printf", "[%s]", "", "a b", "$HOME", "new\nline", "it's", "*"]);
    await running.exited;
    expect(running.log.text()).toBe("[][a b][$HOME][new\nline][it's][*]");
  });

  test("is the image's own program, where busybox has one of that name too", async () => {
    const running = await start(["ls"]);
    await running.exited;
    expect(running.log.text()).toBe("not busybox\n");
  });

  test.each([
    [0, "exit 0"],
    [3, "exit 3"],
    [137, "kill -9 $$"],
    [143, "kill -15 $$"],
  ])("that ends with %i is seen when it ends, its last words kept", async (code, end) => {
    const running = await start(
      sh(`sleep 0.5; read -r up _ </proc/uptime; echo "$up"; printf 'no line end'; ${end}`),
    );
    expect(await running.exited).toEqual({ exitCode: code });
    const seen = uptime();
    const [printed = ""] = running.log.text().split("\n");
    // By an event, not when a deadline is over; a busy machine may take a moment.
    expect(seen - Number(printed)).toBeLessThan(20);
    expect(running.log.text()).toContain("no line end");
  });

  test("that is not there is told apart from one that fails", async () => {
    const running = await start(["no-such-program"]);
    expect(await running.exited).toEqual({ exitCode: 127 });
    expect(running.log.text()).toContain("no-such-program: not found in PATH");
  });

  test("that may not be run ends with 126", async () => {
    const running = await start(["/etc/passwd"]);
    expect(await running.exited).toEqual({ exitCode: 126 });
  });

  test("may belong to a user without any rights, and reopen its standard output", async () => {
    const running = await start(sh("id -u; echo reopened > /dev/stdout; echo err > /dev/stderr"), {
      user: "1234:4321",
    });
    expect(await running.exited).toEqual({ exitCode: 0 });
    expect(running.log.text()).toBe("1234\nreopened\nerr\n");
  });

  test("that floods its log costs no more memory than is kept, begin and end", async () => {
    const running = await start(
      sh("echo first; yes 'a line that says nothing' | head -c 60000000; echo last"),
    );
    await running.exited;
    const text = running.log.text();
    expect(text.length).toBeLessThan(2_000_000);
    expect(text.startsWith("first\n")).toBe(true);
    expect(text.endsWith("last\n")).toBe(true);
    expect(text).toMatch(/\[… \d+ bytes of output left out …\]/);
  });

  test("writes binary output that holds no valid text", async () => {
    const running = await start(sh("head -c 300000 /dev/urandom; echo; echo end"));
    expect(await running.exited).toEqual({ exitCode: 0 });
    expect(running.log.text().endsWith("end\n")).toBe(true);
  });

  test("may leave children behind whose output is still kept", async () => {
    const running = await start(sh("(sleep 0.3; echo late) & echo early"));
    await running.exited;
    expect(running.log.text()).toBe("early\n");
    await expect.poll(() => running.log.text(), { timeout: 30_000 }).toBe("early\nlate\n");
  });

  test("keeps running, and says where it listens", async () => {
    const running = await start(sh("httpd -p 127.0.0.1:8081; exec httpd -f -p 9090"));
    await expect
      .poll(() => running.listeners(soon()))
      .toEqual([
        { port: 8081, loopbackOnly: true },
        { port: 9090, loopbackOnly: false },
      ]);
  });

  test("can be asked by a command in its container", async () => {
    const running = await start(sh("exec sleep 100"), { env: { COLOUR: "blue" } });
    const ask = sh('printf "%s|" "$COLOUR" "$1" "$2"; exit 7');
    const ran = await running.run([...ask, "-", "back\\slash\nline", ""], soon());
    expect(ran).toEqual({ exitCode: 7, output: "blue|back\\slash\nline||" });
    expect(await running.run(["sleep", "100"], AbortSignal.timeout(100))).toEqual({
      exitCode: null,
      output: "",
    });
  });

  test("whose container is gone ends without an exit code", async () => {
    const running = await start(sh("echo here; exec sleep 100"));
    await expect.poll(() => running.log.text(), { timeout: 30_000 }).toBe("here\n");
    await docker("kill", stage.id("app"));
    expect(await running.exited).toEqual({ exitCode: null });
  });

  test("ends at once when its container is told to stop", async () => {
    await start(sh("trap '' TERM; sleep 100"));
    await after(200);
    const begun = Date.now();
    await docker("stop", "--time", "120", stage.id("app"));
    // Docker kills after that time what does not listen.
    expect(Date.now() - begun).toBeLessThan(50_000);
  });

  test("answers nobody who does not know the token", async () => {
    const running = await start(sh("echo secret; exec sleep 100"));
    await expect.poll(() => running.log.text(), { timeout: 30_000 }).toBe("secret\n");
    const ip = await addressOf(stage.id("app"));
    const channel = new ControlChannel(`${ip}:25816`, "wrong");
    expect(await channel.sockets([], soon())).toEqual([]);
    expect(await channel.run(["id"], soon())).toEqual({ exitCode: null, output: "" });
  });
});

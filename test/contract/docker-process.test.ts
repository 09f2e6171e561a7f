import { describe, expect, test } from "vitest";
import { treeFromTar } from "../../dagger/content/tar.ts";
import { connected, docker, run } from "./docker-support.ts";

const secret = (content: string) =>
  ({ kind: "secret", content: Buffer.from(content), mode: 0o400, uid: 0, gid: 0 }) as const;

describe("a process", () => {
  test("gives its exit code and its output apart and together", async () => {
    const { runtime, process, text } = await connected();
    const result = await runtime.run(process(["sh", "-c", "echo out; echo err >&2; exit 3"]));
    expect(result.exitCode).toBe(3);
    expect(await text(result.stdout)).toBe("out\n");
    expect(await text(result.stderr)).toBe("err\n");
    expect((await text(result.combined)).split("\n").sort()).toEqual(["", "err", "out"]);
  });

  test("sees exactly the environment, user and directory asked for", async () => {
    const { runtime, process, text } = await connected();
    const result = await runtime.run(
      process(["sh", "-c", "env | sort; id -u; pwd"], {
        env: ["PATH=/usr/bin:/bin", "A=b=c"],
        user: "1234",
        workdir: "/made/here",
      }),
    );
    const lines = (await text(result.stdout)).trim().split("\n");
    expect(lines).toContain("A=b=c");
    expect(lines.slice(-2)).toEqual(["1234", "/made/here"]);
    expect(lines.join("\n")).not.toContain("HOSTNAME");
  });

  test("an image's variable that is not listed is unset", async () => {
    const { runtime, process, text } = await connected();
    const first = await runtime.run(process(["true"], { env: ["PATH=/bin", "GONE=x"] }));
    const image = await first.container.commit();
    const second = await runtime.run(process(["/usr/bin/env"], { image }));
    expect(await text(second.stdout)).not.toContain("GONE");
  });

  test("reads its input to the end", async () => {
    const { runtime, process, text } = await connected();
    const stdin = Buffer.alloc(3_000_000, "x");
    const result = await runtime.run(process(["wc", "-c"], { stdin }));
    expect((await text(result.stdout)).trim()).toBe("3000000");
  });

  test("may leave its input unread", async () => {
    const { runtime, process } = await connected();
    const stdin = Buffer.alloc(3_000_000, "x");
    expect((await runtime.run(process(["true"], { stdin }))).exitCode).toBe(0);
  });

  test.each([
    ["nope", true, 'exec: "nope": executable file not found in $PATH'],
    ["nope", false, 'exec: "nope": executable file not found in $PATH'],
    ["/no/such", true, "fork/exec /no/such: no such file or directory"],
    ["/no/such", false, "fork/exec /no/such: no such file or directory"],
    ["/etc/passwd", true, "fork/exec /etc/passwd: permission denied"],
    ["/etc/passwd", false, "fork/exec /etc/passwd: permission denied"],
  ])("that cannot be executed (%s, init %s) says why", async (command, init, words) => {
    const { runtime, process, text } = await connected();
    const result = await runtime.run(process([command], { init }));
    expect(result.exitCode).toBe(1);
    expect(await text(result.stderr)).toBe(`${words}\n`);
  });

  test("a flood of output does not go through memory", async () => {
    const { runtime, process } = await connected();
    const before = globalThis.process.memoryUsage().rss;
    const { stdout } = await runtime.run(process(["head", "-c", "300000000", "/dev/zero"]));
    expect(stdout.size).toBe(300_000_000);
    expect(globalThis.process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  test("an unknown user is an error that says so", async () => {
    const { runtime, process } = await connected();
    await expect(runtime.run(process(["true"], { user: "nobody-knows" }))).rejects.toMatchObject({
      code: "EXEC_START_FAILED",
      message: expect.stringContaining("nobody-knows") as string,
    });
  });

  test("ends with the session, and leaves nothing behind", async () => {
    const { runtime, process, sessionId, tree } = await connected();
    const source = { kind: "tree", tree: await tree({ f: "x" }) } as const;
    const service = await runtime.start({
      ...process(["sleep", "100"]),
      hostnames: ["sleeper"],
      ports: [],
    });
    const running = runtime.run(process(["sleep", "100"], { mounts: [{ path: "/m", source }] }));
    const failed = expect(running).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    await expect
      .poll(() => docker("ps", "-q", "--filter", `label=dev.sluice.session=${sessionId}`), {
        timeout: 20_000,
      })
      .toMatch(/^\w+\n\w+$/);
    await runtime.close();
    await failed;
    await service.exited.catch(() => undefined);
    const label = `label=dev.sluice.session=${sessionId}`;
    expect(await docker("ps", "-aq", "--filter", label)).toBe("");
    expect(await docker("volume", "ls", "-q", "--filter", label)).toBe("");
    expect(await docker("network", "ls", "-q", "--filter", label)).toBe("");
  });
});

describe("mounts", () => {
  test("are copies of trees, files and secrets, with owners and modes", async () => {
    const { runtime, process, text, tree } = await connected();
    const content = await tree({
      dir: { kind: "directory", mode: 0o750 },
      "dir/ü.txt": "text",
      link: { kind: "symlink", target: "dir/ü.txt" },
    });
    const entry = content.get("dir/ü.txt");
    if (entry?.kind !== "file") throw new Error("no file");
    const result = await runtime.run(
      // In capitals, because output loses secrets as they are.
      process(
        ["sh", "-c", "stat -c '%a %u:%g' /m/dir /m/link /f /s; cat /m/link /f /s | tr a-z A-Z"],
        {
          mounts: [
            { path: "/m", source: { kind: "tree", tree: content } },
            { path: "/f", source: { kind: "file", entry } },
            { path: "/s", source: secret("hidden"), readonly: true },
          ],
        },
      ),
    );
    expect(await text(result.stdout)).toBe("750 5:6\n777 5:6\n640 5:6\n400 0:0\nTEXTTEXTHIDDEN");
  });

  test("show what the process wrote, and stay out of the image", async () => {
    const { runtime, process, store, tree } = await connected();
    const result = await runtime.run(
      process(["sh", "-c", "echo new > /m/new; echo kept > /kept"], {
        mounts: [{ path: "/m", source: { kind: "tree", tree: await tree({ old: "x" }) } }],
      }),
    );
    const seen = await treeFromTar(store, await result.container.archive("/m"));
    expect([...seen.entries.keys()]).toEqual(["m", "m/new", "m/old"]);
    const image = await result.container.commit();
    await expect(runtime.archive(image, "/m/new")).rejects.toMatchObject({
      code: "PATH_NOT_FOUND",
    });
    const kept = await treeFromTar(store, await runtime.archive(image, "/kept"));
    expect(kept.get("kept")?.kind).toBe("file");
  });

  test("temporary storage is limited in size and can hold programs", async () => {
    const { runtime, process, text } = await connected();
    const script = "cp /bin/true /t/true && /t/true && df --output=size -B1 /t | tail -1";
    const result = await runtime.run(
      process(["sh", "-c", script], {
        mounts: [{ path: "/t", source: { kind: "temp", size: 4 * 1024 * 1024 } }],
      }),
    );
    expect((await text(result.combined)).trim()).toBe(String(4 * 1024 * 1024));
  });

  test("a cache volume starts with its content, keeps what is written, and outlives the session", async () => {
    const first = await connected();
    const volume = `sluice-test-cache-${first.sessionId}`;
    const init = await first.tree({ start: "begin" });
    const source = { kind: "cache", volume, init, uid: 7, gid: 8 } as const;
    const mounts = [{ path: "/c", source }];
    const written = await first.runtime.run(
      first.process(["sh", "-c", "cat /c/start; echo more > /c/more; stat -c %u:%g /c"], {
        mounts,
      }),
    );
    expect(await first.text(written.stdout)).toBe("begin7:8\n");
    await first.runtime.close();
    const second = await connected();
    const read = await second.runtime.run(second.process(["cat", "/c/more"], { mounts }));
    expect(await second.text(read.stdout)).toBe("more\n");
    await read.container.remove();
    await second.runtime.volumeRemove(volume);
    expect(await docker("volume", "ls", "-q", "--filter", `name=${volume}`)).toBe("");
  });
});

describe("secrets", () => {
  test("are nowhere in the image that is kept", async () => {
    const { runtime, process, text } = await connected();
    const result = await runtime.run(
      process(["sh", "-c", "{ cat; cat /run/token; echo $TOKEN; } | tr a-z A-Z; touch /done"], {
        stdin: Buffer.from("secret-of-stdin "),
        secretEnv: [{ name: "TOKEN", value: 'secret-of-"env"' }],
        mounts: [{ path: "/run/token", source: secret("secret-of-file ") }],
      }),
    );
    expect(await text(result.stdout)).toBe('SECRET-OF-STDIN SECRET-OF-FILE SECRET-OF-"ENV"\n');
    const image = await result.container.commit();
    const shown = await docker("image", "inspect", image);
    const history = await docker("history", "--no-trunc", image);
    for (const place of [shown, history]) expect(place).not.toContain("secret-of-");
    const found = await run("sh", ["-c", `docker save ${image} | grep -ac secret-of- || true`]);
    expect(found.stdout.trim()).toBe("0");
    const again = await runtime.run(process(["env"], { image }));
    expect(await text(again.stdout)).not.toContain("TOKEN");
  });
});

describe("a service", () => {
  test("is found by its name and by its address, and stops when told", async () => {
    const { runtime, process, text } = await connected();
    const service = await runtime.start({
      ...process(["perl", "-MIO::Socket::INET", "-e", server]),
      hostnames: ["db"],
      ports: [{ port: 8080, protocol: "tcp" }],
    });
    const { host, port } = service.dial(8080);
    await expect.poll(() => answers(host, port), { timeout: 20_000 }).toBe("hello");
    const client = await runtime.run(
      process(["perl", "-MIO::Socket::INET", "-e", clientFor("alias")], {
        hosts: [{ name: "alias", ip: service.ip }],
      }),
    );
    expect(await text(client.stdout)).toBe("hello");
    await service.stop({ graceMs: 2_000 });
    expect((await service.exited).exitCode).toBe(143);
    expect((await service.logs()).stdout).toBe("up\n");
  });

  test("that exits by itself says so at once", async () => {
    const { runtime, process } = await connected();
    const service = await runtime.start({
      ...process(["sh", "-c", "echo broken >&2; exit 9"]),
      hostnames: [],
      ports: [],
    });
    expect(await service.exited).toEqual({ exitCode: 9 });
    expect((await service.logs()).stderr).toBe("broken\n");
  });

  test("that floods its log keeps the end of it", async () => {
    const { runtime, process } = await connected();
    const service = await runtime.start({
      ...process(["sh", "-c", "head -c 50000000 /dev/zero | tr '\\0' x; echo the end"]),
      hostnames: [],
      ports: [],
    });
    await service.exited;
    const { stdout } = await service.logs();
    expect(stdout).toMatch(/^\[… \d+ bytes dropped\]/);
    expect(stdout).toMatch(/the end\n$/);
    expect(stdout.length).toBeLessThan(9_000_000);
  });
});

const server =
  '$|=1; print "up\\n"; my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 5, ReuseAddr => 1); while (my $c = $s->accept) { print $c "hello"; close $c }';

const clientFor = (host: string) =>
  `my $s = IO::Socket::INET->new("${host}:8080") or die $!; print <$s>`;

async function answers(host: string, port: number): Promise<string> {
  const { connect } = await import("node:net");
  return new Promise((resolve) => {
    let text = "";
    connect({ host, port })
      .on("data", (data) => (text += data.toString()))
      .on("close", () => resolve(text))
      .on("error", () => resolve("")); // not up yet
  });
}

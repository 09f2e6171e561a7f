import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { dag } from "@dagger.io/dagger";
import { describe, expect, onTestFinished, test } from "vitest";
import { debian, nonce, sh } from "../support/containers.ts";
import { scratch } from "../support/scratch.ts";
import { busybox, get, page, webContainer } from "../support/web.ts";
import { webServer } from "../support/webServer.ts";

describe("Host.directory", () => {
  test("loads files with content, modes, links and empty directories", async () => {
    const host = await scratch({ "a.txt": "text", "sub/run": "#!/bin/sh\n", "empty/": "" });
    await chmod(join(host, "sub/run"), 0o755);
    await symlink("a.txt", join(host, "link"));
    const directory = dag.host().directory(host);
    expect(await directory.glob("**/*")).toEqual(["a.txt", "empty/", "link", "sub/", "sub/run"]);
    expect(await directory.file("a.txt").contents()).toBe("text");
    expect(await directory.stat("sub/run").permissions()).toBe(0o755);
    const listed = debian().withMountedDirectory("/h", directory).withExec(["readlink", "/h/link"]);
    expect(await listed.stdout()).toBe("a.txt\n");
  });

  test("include and exclude filter, exclude wins", async () => {
    const host = await scratch({ "a.txt": "", "b.txt": "", "c.rar": "", "sub/d.txt": "" });
    const load = (options: object) => dag.host().directory(host, options).glob("**/*");
    expect(await load({ exclude: ["*.rar"] })).toEqual(["a.txt", "b.txt", "sub/", "sub/d.txt"]);
    expect(await load({ exclude: ["sub"] })).toEqual(["a.txt", "b.txt", "c.rar"]);
    expect(await load({ include: ["*.rar"] })).toEqual(["c.rar"]);
    expect(await load({ include: ["**/*.txt"], exclude: ["b.txt"] })).toEqual([
      "a.txt",
      "sub/",
      "sub/d.txt",
    ]);
    expect(await load({ include: ["a.txt"], exclude: ["*.txt"] })).toEqual([]);
  });

  test("gitignore leaves out what git ignores, by the rules of all parents in the repository", async () => {
    const host = await scratch({
      ".git/HEAD": "",
      ".gitignore": "*.md\n!keep.md\nbuild/\n",
      "a.md": "",
      "keep.md": "",
      "build/out": "",
      "sub/.gitignore": "*.yaml\n",
      "sub/x.yaml": "",
      "sub/y.md": "",
      "sub/z.go": "",
    });
    const options = { gitignore: true, exclude: [".git"] };
    expect(await dag.host().directory(host, options).glob("**/*")).toEqual([
      ".gitignore",
      "keep.md",
      "sub/",
      "sub/.gitignore",
      "sub/z.go",
    ]);
    const sub = dag.host().directory(join(host, "sub"), options);
    expect(await sub.entries()).toEqual([".gitignore", "z.go"]);
  });

  test("a relative path starts from the working directory of the session", async () => {
    const entries = await dag
      .host()
      .directory("test", { include: ["support/session.ts"] })
      .glob("**/*");
    expect(entries).toEqual(["support/", "support/session.ts"]);
  });

  test("a missing directory is an error that names it", async () => {
    await expect(dag.host().directory("/surely/not/there").entries()).rejects.toThrow(
      /not\/there|no such file/,
    );
  });

  test("is read once a session, or every time with noCache", async () => {
    const host = await scratch({ f: "1" });
    const read = (options: object) => dag.host().directory(host, options).file("f").contents();
    expect(await read({})).toBe("1");
    await writeFile(join(host, "f"), "2");
    expect(await read({})).toBe("1");
    expect(await read({ noCache: true })).toBe("2");
  });

  test("what a container does with it does not reach the host", async () => {
    const host = await scratch({ f: "host" });
    const ran = debian()
      .withMountedDirectory("/h", dag.host().directory(host))
      .withExec(sh("echo container > /h/f; echo new > /h/g; cat /h/f"));
    expect(await ran.stdout()).toBe("container\n");
    expect(await dag.host().directory(host, { noCache: true }).glob("*")).toEqual(["f"]);
  });
});

describe("Host.file", () => {
  test("loads one file with its mode and name", async () => {
    const host = await scratch({ "sub/f.sh": "content" });
    await chmod(join(host, "sub/f.sh"), 0o750);
    const file = dag.host().file(join(host, "sub/f.sh"));
    expect(await file.contents()).toBe("content");
    expect(await file.name()).toBe("f.sh");
    expect(await file.stat().permissions()).toBe(0o750);
  });

  test("a missing file and a directory are errors", async () => {
    const host = await scratch();
    await expect(dag.host().file(join(host, "nope")).contents()).rejects.toThrow(/nope/);
    await expect(dag.host().file(host).contents()).rejects.toThrow();
  });
});

test("Host.findUp answers a path relative to the working directory, or null", async () => {
  expect(await dag.host().findUp("package.json")).toBe("package.json");
  expect(await dag.host().findUp(`surely-not-${nonce()}`)).toBeNull();
});

describe("Host.service", () => {
  test("gives containers the services of this host", async () => {
    const port = await webServer((request, response) =>
      response.end(`asked for ${request.url ?? ""}`),
    );
    const service = dag.host().service([{ frontend: 80, backend: port }]);
    const ran = busybox().withServiceBinding("www", service).withExec(get("http://www/hello"));
    expect(await ran.stdout()).toBe("asked for /hello");
  });

  test("several ports may be forwarded; without a frontend the number stays", async () => {
    const one = await webServer((_, response) => response.end("1"));
    const two = await webServer((_, response) => response.end("2"));
    const service = dag.host().service([{ frontend: 80, backend: one }, { backend: two }]);
    const ran = busybox()
      .withServiceBinding("www", service)
      .withExec(sh(`wget -qO- http://www/; wget -qO- http://www:${two}/`));
    expect(await ran.stdout()).toBe("12");
  });

  test("has a hostname, an endpoint and ports", async () => {
    const port = await webServer((_, response) => response.end("endpoint"));
    const service = dag.host().service([{ frontend: 80, backend: port }]);
    expect(await service.endpoint()).toBe(`${await service.hostname()}:80`);
    const ran = busybox()
      .withServiceBinding("www", service)
      .withExec(get(await service.endpoint({ scheme: "http" })));
    expect(await ran.stdout()).toBe("endpoint");
  });

  test("without ports it is refused", async () => {
    await expect(dag.host().service([]).id()).rejects.toThrow();
  });
});

describe("Host.tunnel", () => {
  const fetchText = async (url: string) => (await fetch(url)).text();

  test("gives this host a port of a service while it is started", async () => {
    const tunnel = await dag.host().tunnel(page("through").asService()).start();
    const url = `http://${await tunnel.endpoint()}`;
    expect(await fetchText(url)).toBe("through");
    expect(await Promise.all([fetchText(url), fetchText(url)])).toEqual(["through", "through"]);
    await tunnel.stop();
    await expect(fetchText(url)).rejects.toThrow();
  });

  test("forwards every exposed port, or those that are named", async () => {
    const script = "httpd -p 8080 -h /srv/a; httpd -f -p 9090 -h /srv/b";
    const service = webContainer(
      dag.directory().withNewFile("a/index.html", "a").withNewFile("b/index.html", "b"),
    )
      .withExposedPort(9090)
      .withDefaultArgs(sh(script))
      .asService();
    const texts = async (tunnel: Awaited<ReturnType<typeof service.start>>) => {
      const host = await tunnel.hostname();
      const ports = await Promise.all((await tunnel.ports()).map((port) => port.port()));
      return Promise.all(ports.map((port) => fetchText(`http://${host}:${port}`)));
    };
    const all = await dag.host().tunnel(service).start();
    expect(await texts(all)).toEqual(["a", "b"]);
    await all.stop();
    const free = await freePort();
    const some = await dag
      .host()
      .tunnel(service, { ports: [{ frontend: free, backend: 9090 }] })
      .start();
    expect(await fetchText(`http://127.0.0.1:${free}`)).toBe("b");
    await some.stop();
  });

  test("of a service without ports is refused", async () => {
    await expect(
      dag
        .host()
        .tunnel(debian().withDefaultArgs(["sleep", "1"]).asService())
        .id(),
    ).rejects.toThrow();
  });

  test("to a port that is taken is an error", async () => {
    const taken = await webServer((_, response) => response.end());
    const tunnel = dag
      .host()
      .tunnel(page("x").asService(), { ports: [{ frontend: taken, backend: 8080 }] });
    await expect(tunnel.start()).rejects.toThrow(/in use|bind/i);
  });
});

test("Service.up forwards to this host until the request for it ends", async () => {
  const port = await freePort();
  const service = page("up").asService();
  const id = await service.id();
  const query = `{ node(id: ${JSON.stringify(id)}) { ... on Service { up(ports: [{ frontend: ${port}, backend: 8080 }]) } } }`;
  const stop = new AbortController();
  const token = Buffer.from(`${process.env.DAGGER_SESSION_TOKEN ?? ""}:`).toString("base64");
  const up = fetch(`http://127.0.0.1:${process.env.DAGGER_SESSION_PORT ?? ""}/query`, {
    method: "POST",
    headers: { authorization: `Basic ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ query }),
    signal: stop.signal,
  }).then(
    () => "answered",
    () => "aborted",
  );
  await expect.poll(() => reach(port), { timeout: 20_000 }).toBe("up");
  stop.abort();
  expect(await up).toBe("aborted");
  await expect.poll(() => reach(port), { timeout: 20_000 }).toBe("unreachable");
  await service.stop();
});

describe("Host.unixSocket", () => {
  test("lets a container talk to a socket of this host", async () => {
    const host = await scratch();
    const path = join(host, "echo.sock");
    const server = createServer((socket) => socket.end("hello from the host\n"));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    const program =
      "use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un('/run/echo.sock')) or die $!; print <S>";
    const ran = debian()
      .withUnixSocket("/run/echo.sock", dag.host().unixSocket(path))
      .withExec(["perl", "-e", program]);
    expect(await ran.stdout()).toBe("hello from the host\n");
    const without = ran
      .withoutUnixSocket("/run/echo.sock")
      .withExec(sh("test -S /run/echo.sock || echo gone"));
    expect(await without.stdout()).toBe("gone\n");
  });
});

test("Host.containerImage loads what exportImage stored in the host's container runtime", async () => {
  const name = `sluice-conformance/${nonce()}:test`;
  const word = nonce();
  await dag.container().withNewFile("/word", word).exportImage(name);
  onTestFinished(() => removeImage(name));
  expect(await dag.host().containerImage(name).file("/word").contents()).toBe(word);
});

async function removeImage(name: string): Promise<void> {
  const { default: Docker } = await import("dockerode");
  await new Docker().getImage(name).remove({ force: true });
}

async function reach(port: number): Promise<string> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}`)).text();
  } catch {
    return "unreachable";
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

test("a directory made on the host while the session runs is found", async () => {
  const host = await scratch();
  await mkdir(join(host, "late"));
  await writeFile(join(host, "late/f"), "x");
  expect(await dag.host().directory(join(host, "late")).entries()).toEqual(["f"]);
});

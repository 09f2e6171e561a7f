import { dag, ExecError, NetworkProtocol } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { debian, nonce, sh } from "../support/containers.ts";
import { scratch } from "../support/scratch.ts";
import { busybox, get, page, webContainer } from "../support/web.ts";

describe("service bindings", () => {
  test("a bound service is running, and found by its alias, while the command runs", async () => {
    const ran = busybox()
      .withServiceBinding("www", page("hello").asService())
      .withExec(get("http://www:8080/"));
    expect(await ran.stdout()).toBe("hello");
  });

  test("several services, each under its alias, may listen on the same port", async () => {
    const ran = busybox()
      .withServiceBinding("one", page("1").asService())
      .withServiceBinding("two", page("2").asService())
      .withExec(sh("wget -qO- http://one:8080/; wget -qO- http://two:8080/"));
    expect(await ran.stdout()).toBe("12");
  });

  test("equal bindings share one instance", async () => {
    const service = busybox()
      .withExposedPort(8080)
      .withDefaultArgs(
        sh(
          "mkdir -p /srv && od -An -tx1 -N8 /dev/urandom > /srv/index.html && httpd -f -p 8080 -h /srv",
        ),
      )
      .asService();
    const read = (who: string) =>
      busybox()
        .withServiceBinding(who, service)
        .withExec(get(`http://${who}:8080/`))
        .stdout();
    await service.start();
    const [first, second] = await Promise.all([read("one"), read("two")]);
    expect(first).toBe(second);
    await service.stop();
  });

  test("a service may be bound to another service", async () => {
    const back = page("from the back").asService();
    const front = busybox()
      .withServiceBinding("back", back)
      .withExposedPort(8080)
      .withDefaultArgs(
        sh(
          "mkdir -p /srv && wget -qO /srv/index.html http://back:8080/ && httpd -f -p 8080 -h /srv",
        ),
      )
      .asService();
    const ran = busybox().withServiceBinding("front", front).withExec(get("http://front:8080/"));
    expect(await ran.stdout()).toBe("from the back");
  });

  test("files of a command that used a service can be read later", async () => {
    const ran = busybox()
      .withServiceBinding("www", page("kept").asService())
      .withExec(sh("wget -qO /got http://www:8080/"));
    expect(await ran.file("/got").contents()).toBe("kept");
  });

  test("the service's image may serve directories with subdirectories", async () => {
    const files = dag.directory().withNewFile("a/b/c.txt", "deep");
    const ran = busybox()
      .withServiceBinding("www", webContainer(files).asService())
      .withExec(get("http://www:8080/a/b/c.txt"));
    expect(await ran.stdout()).toBe("deep");
  });
});

describe("start and stop", () => {
  test("between them the service answers at its endpoint, after stop it does not", async () => {
    const service = page("up").asService();
    await service.start();
    const url = await service.endpoint({ scheme: "http" });
    expect(await busybox().withExec(get(url)).stdout()).toBe("up");
    await service.stop();
    await expect(busybox().withExec(get(url)).stdout()).rejects.toBeInstanceOf(ExecError);
  });

  test("start waits until the exposed port accepts connections", async () => {
    const service = busybox()
      .withExposedPort(8080)
      .withDefaultArgs(
        sh("sleep 1.5; mkdir /srv; echo ready > /srv/index.html; httpd -f -p 8080 -h /srv"),
      )
      .asService();
    await service.start();
    expect(
      await busybox()
        .withExec(get(await service.endpoint({ scheme: "http" })))
        .stdout(),
    ).toBe("ready\n");
    await service.stop();
  });

  test("start does not wait for a port whose health check is skipped", async () => {
    const service = busybox()
      .withExposedPort(9999, { experimentalSkipHealthcheck: true })
      .withDefaultArgs(["sleep", "60"])
      .asService();
    await service.start();
    await service.stop({ kill: true });
  });

  test("start and stop twice are no errors", async () => {
    const service = page("again").asService();
    await service.start();
    await service.start();
    await service.stop();
    await service.stop();
  });

  test("a stopped service can be started again, with fresh files", async () => {
    const service = busybox()
      .withExposedPort(8080)
      .withDefaultArgs(sh("mkdir -p /srv; echo start >> /srv/index.html; httpd -f -p 8080 -h /srv"))
      .asService();
    for (let round = 0; round < 2; round++) {
      await service.start();
      const text = await busybox()
        .withExec(get(await service.endpoint({ scheme: "http" })))
        .stdout();
      expect(text).toBe("start\n");
      await service.stop();
    }
  });

  test("stop sends SIGTERM, so that the service can end in order", async () => {
    const cache = dag.cacheVolume(nonce());
    const script =
      "trap 'echo ended > /shared/log; exit 0' TERM; echo up > /shared/log; while :; do sleep 0.1; done";
    const service = debian()
      .withMountedCache("/shared", cache)
      .withDefaultArgs(sh(script))
      .asService();
    await service.start();
    const log = () =>
      debian()
        .withMountedCache("/shared", cache)
        .withEnvVariable("N", nonce())
        .withExec(
          sh(
            "for i in $(seq 50); do test -s /shared/log && break; sleep 0.1; done; cat /shared/log",
          ),
        )
        .stdout();
    expect(await log()).toBe("up\n");
    await service.stop();
    expect(await log()).toBe("ended\n");
  });

  test("stop with kill ends a service that ignores SIGTERM", async () => {
    const service = debian()
      .withDefaultArgs(sh("trap '' TERM; while :; do sleep 0.2; done"))
      .asService();
    await service.start();
    const started = Date.now();
    await service.stop({ kill: true });
    expect(Date.now() - started).toBeLessThan(8000);
  });
});

describe("a service that ends at once", () => {
  const command = sh("echo told; echo complained >&2; exit 42");
  const failing = () => debian().withExposedPort(8080).withDefaultArgs(command).asService();

  test("start throws ExecError with its exit code and output", async () => {
    const error = (await failing()
      .start()
      .catch((reason: unknown) => reason)) as ExecError;
    expect(error).toBeInstanceOf(ExecError);
    expect(error.exitCode).toBe(42);
    expect(error.cmd).toEqual(command);
    expect(error.stdout).toContain("told");
    expect(error.stderr).toContain("complained");
  });

  test("a command bound to it fails, names it, and does not run", async () => {
    const ran = debian().withServiceBinding("www", failing()).withExec(["true"]);
    const error = (await ran.sync().catch((reason: unknown) => reason)) as ExecError;
    expect(error).toBeInstanceOf(ExecError);
    expect(error.message).toContain("aliased as www");
    expect(error.exitCode).toBe(42);
  });

  test("its secrets stay hidden in the error", async () => {
    const value = `hidden-${nonce()}`;
    const service = debian()
      .withExposedPort(8080)
      .withSecretVariable("TOKEN", dag.setSecret(nonce(), value))
      .withDefaultArgs(sh("echo token $TOKEN; exit 1"))
      .asService();
    const error = (await service.start().catch((reason: unknown) => reason)) as ExecError;
    expect(error.stdout).toContain("token ***");
  });
});

describe("asService", () => {
  /** Serves the arguments that it was started with. */
  const base = () =>
    busybox()
      .withNewFile(
        "/serve",
        '#!/bin/sh\nmkdir -p /srv\nprintf "%s," "$@" > /srv/index.html\nexec httpd -f -p 8080 -h /srv\n',
        {
          permissions: 0o755,
        },
      )
      .withExposedPort(8080)
      .withEntrypoint(["/serve", "entry"])
      .withDefaultArgs(["/serve", "default"]);
  const ask = (service: ReturnType<ReturnType<typeof base>["asService"]>) =>
    busybox().withServiceBinding("www", service).withExec(get("http://www:8080/")).stdout();

  test("runs entrypoint and command of an image as it is", async () => {
    const host = await scratch();
    const image = base().withEntrypoint(["/serve", "entry"], { keepDefaultArgs: true });
    await image.export(`${host}/image.tar`);
    const imported = dag
      .container()
      .import_(dag.host().file(`${host}/image.tar`))
      .withExposedPort(8080);
    expect(await ask(imported.asService())).toBe("entry,/serve,default,");
    expect(await ask(imported.withoutDefaultArgs().asService())).toBe("entry,");
    expect(await ask(imported.asService({ args: ["/serve", "given"] }))).toBe("given,");
  });

  test("runs the default arguments alone where they were given", async () => {
    expect(await ask(base().asService())).toBe("default,");
  });

  test("args replace the default arguments", async () => {
    expect(await ask(base().asService({ args: ["/serve", "given"] }))).toBe("given,");
  });

  test("useEntrypoint puts the entrypoint before the default arguments, or before args", async () => {
    expect(await ask(base().asService({ useEntrypoint: true }))).toBe("entry,/serve,default,");
    const both = base().asService({ useEntrypoint: true, args: ["given"] });
    expect(await ask(both)).toBe("entry,given,");
  });

  test("expand replaces variables in args", async () => {
    const service = base()
      .withEnvVariable("WHO", "me")
      .asService({ args: ["/serve", "$WHO"], expand: true });
    expect(await ask(service)).toBe("me,");
  });

  test("without any command it cannot start", async () => {
    const service = busybox().withoutEntrypoint().withoutDefaultArgs().asService();
    await expect(service.start()).rejects.toThrow("no service command has been set");
  });
});

describe("addresses", () => {
  test("endpoint is hostname and first port; port and scheme can be given", async () => {
    const service = debian()
      .withExposedPort(8080)
      .withExposedPort(9090)
      .withDefaultArgs(["sleep", "1"])
      .asService();
    const name = await service.hostname();
    expect(await service.endpoint()).toBe(`${name}:8080`);
    expect(await service.endpoint({ port: 9090 })).toBe(`${name}:9090`);
    expect(await service.endpoint({ scheme: "tcp" })).toBe(`tcp://${name}:8080`);
  });

  test("endpoint without any port is an error", async () => {
    await expect(debian().withDefaultArgs(["sleep", "1"]).asService().endpoint()).rejects.toThrow(
      /no ports/,
    );
  });

  test("hostname is stable for one service and differs between services", async () => {
    const service = (port: number) =>
      debian().withExposedPort(port).withDefaultArgs(["sleep", "1"]).asService();
    expect(await service(1).hostname()).toBe(await service(1).hostname());
    expect(await service(1).hostname()).not.toBe(await service(2).hostname());
  });

  test("withHostname chooses the name by which every container finds it", async () => {
    const name = `www-${nonce()}`;
    const service = page("by name").asService().withHostname(name);
    expect(await service.hostname()).toBe(name);
    expect(await service.endpoint()).toBe(`${name}:8080`);
    await service.start();
    expect(
      await busybox()
        .withExec(get(`http://${name}:8080/`))
        .stdout(),
    ).toBe("by name");
    await service.stop();
  });

  test("ports lists what the container exposes", async () => {
    const service = debian()
      .withExposedPort(8080, { description: "web" })
      .withExposedPort(53, { protocol: NetworkProtocol.Udp })
      .withDefaultArgs(["sleep", "1"])
      .asService();
    const ports = await Promise.all(
      (await service.ports()).map(async (port) => [
        await port.port(),
        await port.protocol(),
        await port.description(),
      ]),
    );
    expect(ports).toEqual([
      [8080, "TCP", "web"],
      [53, "UDP", null],
    ]);
  });
});

describe("docker health check", () => {
  test("start waits until it passes", async () => {
    const service = busybox()
      .withExposedPort(8080)
      .withDefaultArgs(
        sh("mkdir /srv; httpd -p 8080 -h /srv; sleep 1; echo ready > /srv/index.html; sleep 60"),
      )
      .withDockerHealthcheck(["test", "-s", "/srv/index.html"], {
        interval: "1s",
        startPeriod: "10s",
        startInterval: "200ms",
        retries: 20,
      })
      .asService();
    const ran = busybox().withServiceBinding("www", service).withExec(get("http://www:8080/"));
    expect(await ran.stdout()).toBe("ready\n");
  });
});

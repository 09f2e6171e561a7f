import { dag, NetworkProtocol } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { addUser, debian, sh } from "../support/containers.ts";

describe("environment", () => {
  test("withEnvVariable is seen by commands and by envVariable", async () => {
    const container = debian().withEnvVariable("GREETING", "hello = world");
    expect(await container.envVariable("GREETING")).toBe("hello = world");
    expect(await container.withExec(["printenv", "GREETING"]).stdout()).toBe("hello = world\n");
  });

  test("envVariable of an unset variable is null", async () => {
    expect(await debian().envVariable("NOT_SET")).toBeNull();
  });

  test("envVariables lists in order of setting, a changed one in its old place", async () => {
    const container = dag
      .container()
      .withEnvVariable("A", "1")
      .withEnvVariable("B", "2")
      .withEnvVariable("A", "3");
    const variables = await container.envVariables();
    const pairs = await Promise.all(
      variables.map(async (variable) => `${await variable.name()}=${await variable.value()}`),
    );
    expect(pairs).toEqual(["A=3", "B=2"]);
  });

  test("withoutEnvVariable removes it, also one that comes from the image", async () => {
    const container = debian().withEnvVariable("GONE", "1").withoutEnvVariable("GONE");
    expect(await container.envVariable("GONE")).toBeNull();
    expect(await container.withExec(["env"]).stdout()).not.toContain("GONE");
    expect(await debian().withoutEnvVariable("PATH").envVariable("PATH")).toBeNull();
  });

  test("expand builds on earlier values, and leaves the value alone when it is off", async () => {
    const container = debian()
      .withEnvVariable("ROOT", "/opt")
      .withEnvVariable("BIN", "${ROOT}/bin:$ROOT/sbin:$MISSING", { expand: true })
      .withEnvVariable("RAW", "${ROOT}/bin");
    expect(await container.envVariable("BIN")).toBe("/opt/bin:/opt/sbin:");
    expect(await container.envVariable("RAW")).toBe("${ROOT}/bin");
  });

  test("values may be empty, multi-line and unicode", async () => {
    const container = debian()
      .withEnvVariable("EMPTY", "")
      .withEnvVariable("LINES", "one\ntwo")
      .withEnvVariable("SNOW", "☃");
    const script = 'printf "[%s][%s][%s]" "${EMPTY-unset}" "$LINES" "$SNOW"';
    expect(await container.withExec(sh(script)).stdout()).toBe("[][one\ntwo][☃]");
    expect(await container.envVariable("EMPTY")).toBe("");
  });

  test("withEnvFileVariables sets the variables of an env file", async () => {
    const file = dag.directory().withNewFile(".env", 'ONE=1\nTWO="two words"\n').file(".env");
    const container = dag.container().withEnvFileVariables(file.asEnvFile());
    expect(await container.envVariable("ONE")).toBe("1");
    expect(await container.envVariable("TWO")).toBe("two words");
  });
});

describe("volatile variables", () => {
  test("are seen by commands but not by envVariable", async () => {
    const container = debian().withVolatileVariable("RUN_ID", "42");
    expect(await container.withExec(["printenv", "RUN_ID"]).stdout()).toBe("42\n");
    expect(await container.envVariable("RUN_ID")).toBeNull();
    const without = container.withoutVolatileVariable("RUN_ID").withExec(["env"]);
    expect(await without.stdout()).not.toContain("RUN_ID");
  });

  test("a changed value does not run an equal command again", async () => {
    const run = (id: string) =>
      debian()
        .withVolatileVariable("RUN_ID", id)
        .withExec(sh("head -c 9 /dev/urandom | od -An -tx1"))
        .stdout();
    expect(await run("first")).toBe(await run("second"));
  });

  test("cannot be expanded into something that is cached", async () => {
    const container = debian()
      .withVolatileVariable("RUN_ID", "1")
      .withExec(["echo", "$RUN_ID"], { expand: true });
    await expect(container.sync()).rejects.toThrow('volatile env variable "RUN_ID"');
  });
});

describe("working directory", () => {
  test("defaults to / and is created where it is missing", async () => {
    const container = debian();
    expect(await container.withWorkdir("/made/here").withExec(["pwd"]).stdout()).toBe(
      "/made/here\n",
    );
    expect(await container.withWorkdir("/usr").withoutWorkdir().withExec(["pwd"]).stdout()).toBe(
      "/\n",
    );
  });

  test("a relative path starts from the current one", async () => {
    const container = debian().withWorkdir("/srv").withWorkdir("a/b").withWorkdir("../c");
    expect(await container.workdir()).toBe("/srv/a/c");
  });

  test("expand uses the container's variables", async () => {
    const container = debian()
      .withEnvVariable("APP", "web")
      .withWorkdir("/srv/$APP", { expand: true });
    expect(await container.workdir()).toBe("/srv/web");
  });
});

describe("user", () => {
  test("by name, by id, and with a group", async () => {
    const base = debian().withExec(addUser);
    const whoami = sh("id -u; id -g");
    const as = (user: string) => base.withUser(user).withExec(whoami).stdout();
    expect(await as("ann")).toBe("1234\n1234\n");
    expect(await as("1234")).toBe("1234\n1234\n");
    expect(await as("ann:crew")).toBe("1234\n4321\n");
    expect(await as("1234:4321")).toBe("1234\n4321\n");
  });

  test("is reported, and withoutUser goes back to root", async () => {
    const container = debian().withUser("nobody");
    expect(await container.user()).toBe("nobody");
    expect(await container.withoutUser().withExec(["id", "-u"]).stdout()).toBe("0\n");
  });
});

describe("entrypoint and default arguments", () => {
  test("withEntrypoint resets the default arguments", async () => {
    const container = debian().withDefaultArgs(["x"]).withEntrypoint(["echo"]);
    expect(await container.entrypoint()).toEqual(["echo"]);
    expect(await container.defaultArgs()).toEqual([]);
  });

  test("withEntrypoint with keepDefaultArgs keeps them", async () => {
    const container = debian()
      .withDefaultArgs(["x"])
      .withEntrypoint(["echo"], { keepDefaultArgs: true });
    expect(await container.defaultArgs()).toEqual(["x"]);
  });

  test("withoutEntrypoint resets both, or keeps the default arguments when told", async () => {
    const container = dag.container().withEntrypoint(["echo"]).withDefaultArgs(["x"]);
    const bare = container.withoutEntrypoint();
    expect([await bare.entrypoint(), await bare.defaultArgs()]).toEqual([[], []]);
    const kept = container.withoutEntrypoint({ keepDefaultArgs: true });
    expect([await kept.entrypoint(), await kept.defaultArgs()]).toEqual([[], ["x"]]);
  });

  test("withoutDefaultArgs removes the image's command", async () => {
    expect(await debian().defaultArgs()).not.toEqual([]);
    expect(await debian().withoutDefaultArgs().defaultArgs()).toEqual([]);
  });
});

describe("labels", () => {
  test("can be set, replaced, listed and removed", async () => {
    const container = dag.container().withLabel("a", "1").withLabel("b", "2").withLabel("a", "3");
    expect(await container.label("a")).toBe("3");
    const names = await Promise.all((await container.labels()).map((label) => label.name()));
    expect(names.sort()).toEqual(["a", "b"]);
    expect(await container.withoutLabel("a").label("a")).toBeNull();
  });

  test("an unset label is null, and removing it is no error", async () => {
    expect(await dag.container().withoutLabel("x").label("x")).toBeNull();
  });
});

describe("exposed ports", () => {
  test("keep number, protocol, description and whether their health check is skipped", async () => {
    const container = dag
      .container()
      .withExposedPort(8080, { description: "web", experimentalSkipHealthcheck: true })
      .withExposedPort(53, { protocol: NetworkProtocol.Udp });
    const ports = await Promise.all(
      (await container.exposedPorts()).map(async (port) => ({
        port: await port.port(),
        protocol: await port.protocol(),
        description: await port.description(),
        skip: await port.experimentalSkipHealthcheck(),
      })),
    );
    expect(ports.sort((a, b) => a.port - b.port)).toEqual([
      { port: 53, protocol: "UDP", description: null, skip: false },
      { port: 8080, protocol: "TCP", description: "web", skip: true },
    ]);
  });

  test("one number may be exposed for both protocols, and removed for one", async () => {
    const both = dag
      .container()
      .withExposedPort(8000)
      .withExposedPort(8000, { protocol: NetworkProtocol.Udp });
    expect(await both.exposedPorts()).toHaveLength(2);
    const [left, ...rest] = await both.withoutExposedPort(8000).exposedPorts();
    expect(rest).toEqual([]);
    expect(await left?.protocol()).toBe("UDP");
  });

  test("exposing a port again replaces its description", async () => {
    const container = dag
      .container()
      .withExposedPort(80, { description: "old" })
      .withExposedPort(80, { description: "new" });
    const ports = await container.exposedPorts();
    expect(await Promise.all(ports.map((port) => port.description()))).toEqual(["new"]);
  });
});

describe("docker health check", () => {
  test("is read back as it was set, and can be removed", async () => {
    const container = dag.container().withDockerHealthcheck(["check", "it"], {
      interval: "21s",
      timeout: "4s",
      startPeriod: "9s",
      startInterval: "2s",
      retries: 5,
    });
    const check = container.dockerHealthcheck();
    expect(await check.args()).toEqual(["check", "it"]);
    expect(await check.shell()).toBe(false);
    expect(await check.interval()).toBe("21s");
    expect(await check.timeout()).toBe("4s");
    expect(await check.startPeriod()).toBe("9s");
    expect(await check.startInterval()).toBe("2s");
    expect(await check.retries()).toBe(5);
    expect(await container.withoutDockerHealthcheck().dockerHealthcheck().args()).toBeNull();
  });

  test("unset durations are zero", async () => {
    const check = dag.container().withDockerHealthcheck(["x"]).dockerHealthcheck();
    expect([await check.interval(), await check.timeout(), await check.retries()]).toEqual([
      "0s",
      "0s",
      0,
    ]);
  });

  test("shell mode takes exactly one argument", async () => {
    const container = dag.container().withDockerHealthcheck(["a", "b"], { shell: true });
    await expect(container.sync()).rejects.toThrow("single element");
  });
});

test("a container is immutable: what is chained on it does not change it", async () => {
  const base = dag.container().withEnvVariable("A", "1");
  expect(await base.withEnvVariable("A", "2").envVariable("A")).toBe("2");
  expect(await base.envVariable("A")).toBe("1");
});

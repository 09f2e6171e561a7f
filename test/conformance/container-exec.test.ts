import { type Container, dag, ExecError, ReturnType } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { debian, sh } from "../support/containers.ts";

describe("Container.withExec", () => {
  test("stdout, stderr and combinedOutput hold what the command wrote", async () => {
    const ran = debian().withExec(sh("echo out; echo err >&2"));
    expect(await ran.stdout()).toBe("out\n");
    expect(await ran.stderr()).toBe("err\n");
    const combined = await ran.combinedOutput();
    expect(combined).toContain("out\n");
    expect(combined).toContain("err\n");
  });

  test("combinedOutput keeps the order in which lines were written", async () => {
    const ran = debian().withExec(
      sh("for i in 1 2 3; do echo o$i; sleep 0.05; echo e$i >&2; sleep 0.05; done"),
    );
    expect(await ran.combinedOutput()).toBe("o1\ne1\no2\ne2\no3\ne3\n");
  });

  test("arguments reach the command exactly, without a shell between", async () => {
    const odd = ["$HOME", "a b", "q\"uo'te", "*", "", "new\nline", "ünïcode ☃", "\\"];
    const ran = debian().withExec(["printf", "[%s]", ...odd]);
    expect(await ran.stdout()).toBe(odd.map((arg) => `[${arg}]`).join(""));
  });

  test("each exec sees the files that the one before wrote", async () => {
    const ran = debian()
      .withExec(sh("echo one > /tmp/log"))
      .withExec(sh("echo two >> /tmp/log"))
      .withExec(["cat", "/tmp/log"]);
    expect(await ran.stdout()).toBe("one\ntwo\n");
  });

  test("two branches from one container do not see each other's files", async () => {
    const base = debian().withExec(sh("echo base > /tmp/log"));
    const left = base.withExec(sh("echo left >> /tmp/log; cat /tmp/log"));
    const right = base.withExec(sh("echo right >> /tmp/log; cat /tmp/log"));
    expect(await Promise.all([left.stdout(), right.stdout()])).toEqual([
      "base\nleft\n",
      "base\nright\n",
    ]);
    expect(await base.file("/tmp/log").contents()).toBe("base\n");
  });

  test("an exec that changes nothing leaves an empty diff", async () => {
    const base = debian();
    const diff = base.rootfs().diff(base.withExec(["true"]).rootfs());
    expect(await diff.entries()).toEqual([]);
  });

  test("a command that fails throws ExecError with command, exit code and output", async () => {
    const command = sh("echo told; echo complained >&2; exit 7");
    const error: unknown = await debian()
      .withExec(command)
      .sync()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ExecError);
    const { exitCode, stdout, stderr, cmd, message } = error as ExecError;
    expect({ exitCode, stdout, stderr, cmd }).toEqual({
      exitCode: 7,
      stdout: "told",
      stderr: "complained",
      cmd: command,
    });
    expect(message).toContain("exit code: 7");
  });

  test("a failed exec fails everything built on it, with the same ExecError", async () => {
    const failed = debian().withExec(sh("exit 3"));
    for (const use of [
      () => failed.withExec(["true"]).stdout(),
      () => failed.file("/etc/hostname").contents(),
      () => failed.exitCode(),
    ]) {
      await expect(use()).rejects.toMatchObject({ name: "ExecError", exitCode: 3 });
    }
  });

  test("ExecError carries the end of a long output", async () => {
    const error: unknown = await debian()
      .withExec(sh("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; exit 1"))
      .sync()
      .catch((reason: unknown) => reason);
    expect((error as ExecError).stdout).toContain("line 19999");
  });

  test("a command that does not exist fails and is named", async () => {
    const error: unknown = await debian()
      .withExec(["no-such-command"])
      .sync()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ExecError);
    expect((error as ExecError).stderr + String(error)).toContain("no-such-command");
    expect((error as ExecError).exitCode).not.toBe(0);
  });

  describe("expect", () => {
    test("ANY keeps the exit code of a failing and of a passing command", async () => {
      const options = { expect: ReturnType.Any };
      expect(await debian().withExec(sh("exit 0"), options).exitCode()).toBe(0);
      const failed = debian().withExec(sh("echo kept; exit 254"), options);
      expect(await failed.exitCode()).toBe(254);
      expect(await failed.stdout()).toBe("kept\n");
    });

    test("FAILURE passes when the command fails", async () => {
      const ran = debian().withExec(sh("exit 2"), { expect: ReturnType.Failure });
      expect(await ran.exitCode()).toBe(2);
    });

    test("FAILURE fails when the command passes, and says that it exited 0", async () => {
      const ran = debian().withExec(["true"], { expect: ReturnType.Failure });
      await expect(ran.sync()).rejects.toThrow("exit code: 0");
    });

    test("files written by a command that failed as expected are kept", async () => {
      const ran = debian().withExec(sh("echo left > /left; exit 9"), { expect: ReturnType.Any });
      expect(await ran.file("/left").contents()).toBe("left\n");
    });
  });

  describe("standard input", () => {
    test("stdin is the command's input, byte for byte", async () => {
      const ran = debian().withExec(["cat"], { stdin: "no newline, ünïcode" });
      expect(await ran.stdout()).toBe("no newline, ünïcode");
    });

    test("without stdin the command reads the end of file at once", async () => {
      expect(await debian().withExec(sh("cat; echo done")).stdout()).toBe("done\n");
    });

    test("redirectStdin reads a file of the container", async () => {
      const ran = debian()
        .withNewFile("/in.txt", "from a file")
        .withExec(["cat"], { redirectStdin: "/in.txt" });
      expect(await ran.stdout()).toBe("from a file");
    });

    test("stdin together with redirectStdin is refused", async () => {
      const ran = debian().withExec(["cat"], { stdin: "a", redirectStdin: "/etc/passwd" });
      await expect(ran.sync()).rejects.toThrow("cannot set both stdin and redirectStdin");
    });
  });

  describe("redirects", () => {
    test("redirectStdout and redirectStderr also write files, relative to the workdir", async () => {
      const ran = debian()
        .withWorkdir("/srv")
        .withExec(sh("echo out; echo err >&2"), { redirectStdout: "out", redirectStderr: "err" });
      expect(await ran.file("/srv/out").contents()).toBe("out\n");
      expect(await ran.file("/srv/err").contents()).toBe("err\n");
    });

    test("a new file is for its owner only, one that is there keeps its permissions", async () => {
      const mode = (container: Container) =>
        container
          .withExec(["echo", "hello"], { redirectStdout: "/out" })
          .withExec(["stat", "-c", "%a %u", "/out"])
          .stdout();
      expect(await mode(debian())).toBe("600 0\n");
      expect(await mode(debian().withNewFile("/out", "old", { permissions: 0o644 }))).toBe(
        "644 0\n",
      );
    });

    test.each(["relative to a workdir that does not exist", "made by the command"])(
      "into a folder %s fails: files are opened first",
      async (kind) => {
        const ran = kind.startsWith("made")
          ? debian().withExec(sh("mkdir /made; echo out"), { redirectStdout: "/made/out" })
          : debian().withWorkdir("/made").withExec(["echo", "out"], { redirectStdout: "out" });
        await expect(ran.stdout()).rejects.toThrow(
          /open redirect stdout file: open .*\/made\/out: no such file or directory/,
        );
      },
    );

    test("a redirect into a mounted directory ends up in the mount", async () => {
      const ran = debian()
        .withMountedDirectory("/mnt", dag.directory())
        .withExec(["echo", "hello"], { redirectStdout: "/mnt/out" });
      expect(await ran.directory("/mnt").file("out").contents()).toBe("hello\n");
    });

    test("ExecError has the output of a command whose output was redirected", async () => {
      const ran = debian().withExec(sh("echo out; echo err >&2; exit 1"), {
        redirectStdout: "/out",
        redirectStderr: "/err",
      });
      await expect(ran.sync()).rejects.toMatchObject({ stdout: "out", stderr: "err" });
    });
  });

  describe("entrypoint and default arguments", () => {
    const withEntrypoint = () => debian().withEntrypoint(["printf", "<%s>"]);

    test("the entrypoint is ignored unless useEntrypoint is set", async () => {
      expect(await withEntrypoint().withExec(["echo", "plain"]).stdout()).toBe("plain\n");
      const used = withEntrypoint().withExec(["a", "b"], { useEntrypoint: true });
      expect(await used.stdout()).toBe("<a><b>");
    });

    test("an empty command runs the default arguments", async () => {
      const ran = debian().withDefaultArgs(["echo", "default"]).withExec([]);
      expect(await ran.stdout()).toBe("default\n");
    });

    test("an empty command with useEntrypoint runs entrypoint plus default arguments", async () => {
      const ran = withEntrypoint().withDefaultArgs(["x"]).withExec([], { useEntrypoint: true });
      expect(await ran.stdout()).toBe("<x>");
    });

    test("an empty command without default arguments is refused", async () => {
      const ran = debian().withoutDefaultArgs().withExec([]);
      await expect(ran.sync()).rejects.toThrow("no command has been set");
    });
  });

  describe("expand", () => {
    test("replaces variables of the container in arguments", async () => {
      const ran = debian()
        .withEnvVariable("WHO", "world")
        .withExec(["echo", "hello ${WHO}", "$WHO!"], { expand: true });
      expect(await ran.stdout()).toBe("hello world world!\n");
    });

    test("replaces them in redirect paths too", async () => {
      const ran = debian()
        .withEnvVariable("OUT", "/tmp/out")
        .withExec(["echo", "hello"], { expand: true, redirectStdout: "${OUT}" });
      expect(await ran.file("/tmp/out").contents()).toBe("hello\n");
    });

    test("without it, variables stay as they are", async () => {
      const ran = debian().withEnvVariable("WHO", "world").withExec(["echo", "$WHO"]);
      expect(await ran.stdout()).toBe("$WHO\n");
    });

    test("is refused where it would put a secret into an argument", async () => {
      const ran = debian()
        .withSecretVariable("TOKEN", dag.setSecret("expand-token", "hunter2-expand"))
        .withExec(["echo", "${TOKEN}"], { expand: true });
      await expect(ran.sync()).rejects.toThrow(
        'expand cannot be used with secret env variable "TOKEN"',
      );
    });
  });

  test("noInit makes the command process 1, otherwise an init process is", async () => {
    const name = sh("cat /proc/1/comm");
    expect(await debian().withExec(name, { noInit: true }).stdout()).toMatch(/^(sh|cat)\n$/);
    expect(await debian().withExec(name).stdout()).toMatch(/init/);
  });

  test("orphans of a command do not keep the exec from ending", async () => {
    const ran = debian().withExec(sh("sleep 300 >/dev/null 2>&1 & echo started"));
    expect(await ran.stdout()).toBe("started\n");
  }, 20_000);

  test("output is binary safe on its way into a file", async () => {
    const ran = debian().withExec(sh("printf '\\000\\377\\200\\r\\n'"), {
      redirectStdout: "/bin.out",
    });
    const octal = await ran.withExec(sh("od -An -tx1 /bin.out")).stdout();
    expect(octal.trim()).toBe("00 ff 80 0d 0a");
  });

  test("no output is lost when much is written at once", async () => {
    const lines = await debian().withExec(sh("seq 1 100000")).stdout();
    expect(lines.length).toBe(588_895);
    expect(lines.endsWith("\n99999\n100000\n")).toBe(true);
  });
});

describe("output without an exec", () => {
  test.each(["stdout", "stderr", "combinedOutput", "exitCode"] as const)(
    "%s says that no command has been set",
    async (field) => {
      await expect(dag.container().from("debian:bookworm-slim")[field]()).rejects.toThrow(
        "no command has been set",
      );
    },
  );
});

describe("Container.withError", () => {
  test("fails with its message as soon as the container is needed", async () => {
    await expect(debian().withError("raised on purpose").sync()).rejects.toThrow(
      "raised on purpose",
    );
  });

  test("an empty message is no error", async () => {
    await debian().withError("").sync();
  });
});

describe("Container.sync", () => {
  test("answers the container, so that a chain can go on", async () => {
    const synced = await debian().withExec(sh("echo hi > /hi")).sync();
    expect(await synced.file("/hi").contents()).toBe("hi\n");
  });

  test("does not run the default command", async () => {
    await debian().withDefaultArgs(["false"]).sync();
  });
});

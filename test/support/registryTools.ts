import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { debianFile, exists, tools } from "./debian.ts";

const run = promisify(execFile);

/** Debian's `docker-registry` (distribution 2.8). */
export const debianRegistry = (): Promise<string> =>
  debianFile("/usr/bin/docker-registry", "docker-registry");

/**
 * Distribution 3, built from its Go module; that takes minutes at the first time. Like all programs
 * that not every run of the tests should wait for, it is only made when SLUICE_TEST_TOOLS is set:
 * undefined when it was neither made before nor now.
 */
export function distributionV3(): Promise<string | undefined> {
  return installed(
    "distribution-v3",
    "github.com/distribution/distribution/v3/cmd/registry@v3.1.2",
  );
}

/** Made like `distributionV3`. */
export function crane(): Promise<string | undefined> {
  return installed("crane", "github.com/google/go-containerregistry/cmd/crane@v0.22.1");
}

/** Made like `distributionV3`. */
export function regctl(): Promise<string | undefined> {
  return installed("regctl", "github.com/regclient/regclient/cmd/regctl@v0.11.7");
}

/** Undefined unless it is installed: apt-get install skopeo. */
export function skopeo(): Promise<string | undefined> {
  return onPath("skopeo");
}

/** A Go program, by the name that it is kept under. */
async function installed(name: string, module: string): Promise<string | undefined> {
  if (process.env.SLUICE_TEST_TOOLS !== undefined) {
    return made(name, async (work) => {
      await go(["install", module], { cwd: work, GOBIN: work });
      return join(work, /([^/]+)@/.exec(module)?.[1] ?? "");
    });
  }
  return (await exists(join(tools, name))) ? join(tools, name) : onPath(name);
}

const MAIN = `package main

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(os.Stderr, "listening on", listener.Addr())
	panic(http.Serve(listener, registry.New(registry.WithReferrersSupport(true))))
}
`;

/**
 * The registry of go-containerregistry, which has the referrers API and keeps all in memory. Built
 * in seconds where there is Go; undefined elsewhere, or where its module can't be had.
 */
export async function referrersRegistry(): Promise<string | undefined> {
  return made("registry-with-referrers", async (work) => {
    await writeFile(join(work, "main.go"), MAIN);
    await writeFile(join(work, "go.mod"), "module registry\n\ngo 1.25\n");
    const module = "github.com/google/go-containerregistry@v0.22.1";
    await go(["get", module], { cwd: work });
    await go(["build", "-o", "program", "."], { cwd: work });
    return join(work, "program");
  }).catch((error: unknown) => {
    console.warn(`left out: a registry with the referrers API can't be built: ${String(error)}`);
    return undefined;
  });
}

/** Where a program is; undefined if it is not on the PATH. */
async function onPath(name: string): Promise<string | undefined> {
  return run("which", [name]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

/** Runs the go command; answers its output. */
export async function go(
  args: string[],
  { cwd, ...env }: { cwd: string; GOBIN?: string },
): Promise<string> {
  const file = (await onPath("go")) ?? "/usr/local/go/bin/go";
  const settings = { ...process.env, GOTOOLCHAIN: "auto", GOFLAGS: "-mod=mod -p=1", ...env };
  return (await run(file, args, { cwd, env: settings, timeout: 900_000 })).stdout;
}

/** A program of the tools, that `make` makes in a directory of its own if it isn't there yet. */
export async function made(name: string, make: (work: string) => Promise<string>): Promise<string> {
  const binary = join(tools, name);
  if (await exists(binary)) return binary;
  await mkdir(tools, { recursive: true });
  const work = await mkdtemp(join(tools, "making-"));
  try {
    // Test files run beside each other: whoever is last puts the same thing in its place.
    await rename(await make(work), binary);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return binary;
}

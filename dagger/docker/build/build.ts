import { z } from "zod";
import { ExecFailedError, SluiceError } from "../../core/error.ts";
import { dockerignore } from "../../content/dockerignore.ts";
import { type Entry, Tree } from "../../content/tree.ts";
import { DaemonError, isDiskFull } from "../daemon/errors.ts";
import { jsonLines } from "../daemon/lines.ts";
import type { BuildSpec, StoredImage } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { rememberBuilt } from "../image/bound.ts";
import { prepareBases, withUsableSyntax } from "./bases.ts";
import { classicBuild } from "./classic.ts";
import { buildArgsOf, syntaxImage } from "./dockerfile.ts";
import { buildFailure } from "./failure.ts";
import { withoutHeredocs } from "./heredoc.ts";
import { type BuildSources, openSession } from "./session.ts";
import { Trace } from "./trace.ts";

const buildLine = z.object({
  id: z.string().optional(),
  aux: z.union([z.string(), z.object({ ID: z.string().optional() })]).optional(),
  error: z.string().optional(),
});

/** Builds a Dockerfile with the daemon's BuildKit, or with its classic builder where it has none. */
export async function build(workshop: Workshop, spec: BuildSpec): Promise<StoredImage> {
  const original = await readDockerfile(workshop, spec);
  const usable = await withUsableSyntax(workshop, spec, original);
  await prepareBases(workshop, spec, usable);
  // A Dockerfile that names its own reader is not ours to rewrite.
  const { dockerfile, files } =
    workshop.capabilities.heredocs || syntaxImage(usable) !== undefined
      ? { dockerfile: usable, files: new Map<string, string>() }
      : withoutHeredocs(usable, buildArgsOf(spec));
  const context = await dockerignore(workshop.store, spec.context, spec.dockerfile);
  const sources = {
    context: Tree.of([...context.entries, ...(await textFiles(workshop, files))]),
    dockerfile: Tree.of(await textFiles(workshop, new Map([[spec.dockerfile, dockerfile]]))),
  };
  const image = workshop.capabilities.podman
    ? await classicBuild(workshop, spec, sources)
    : await buildKitBuild(workshop, spec, sources);
  await rememberBuilt(workshop.records, image.id);
  return image;
}

async function readDockerfile({ store }: Workshop, spec: BuildSpec): Promise<string> {
  const path = spec.context.resolve(spec.dockerfile, { followLast: true });
  const entry = path === undefined ? undefined : spec.context.get(path);
  if (entry?.kind !== "file") {
    throw new SluiceError("BUILD_FAILED", `the build context has no file ${spec.dockerfile}`, {
      hint: "Name the Dockerfile by its path in the context.",
    });
  }
  return (await store.bytes(entry.blob.digest)).toString();
}

function textFiles(
  { store }: Workshop,
  files: ReadonlyMap<string, string>,
): Promise<[string, Entry][]> {
  return Promise.all(
    [...files].map(async ([path, text]): Promise<[string, Entry]> => {
      const blob = await store.putBytes(Buffer.from(text));
      return [path, { kind: "file", blob, mode: 0o644, uid: 0, gid: 0, mtime: 0 }];
    }),
  );
}

async function buildKitBuild(
  workshop: Workshop,
  spec: BuildSpec,
  sources: BuildSources,
): Promise<StoredImage> {
  const { daemon, images, signal } = workshop;
  const trace = new Trace((line) => spec.progress?.(workshop.scrub(line)));
  const session = await openSession(workshop, spec, sources);
  try {
    const answer = await daemon.stream("POST", "/build", {
      query: {
        ...buildQuery(spec),
        version: "2",
        session: session.id,
        remote: "client-session",
      },
      signal,
    });
    let built: string | undefined;
    for await (const line of jsonLines(answer)) {
      const { id, aux, error } = buildLine.parse(line);
      if (error !== undefined) throw buildFailure(error, trace.failed, workshop.scrub);
      if (id === "moby.buildkit.trace" && typeof aux === "string") trace.take(aux);
      else if (typeof aux === "object" && aux.ID !== undefined) built = aux.ID;
    }
    if (built === undefined) {
      throw new SluiceError("BUILD_FAILED", "the build ended without an image");
    }
    return await images.inspect(built);
  } catch (error) {
    throw translate(error);
  } finally {
    session.close();
  }
}

/** Query of the build call, the same for both builders. */
export function buildQuery(spec: BuildSpec): Record<string, string | undefined> {
  return {
    dockerfile: spec.dockerfile,
    target: spec.target,
    platform: spec.platform,
    buildargs: JSON.stringify(buildArgsOf(spec)),
  };
}

/** A Dockerfile that can't be read is refused before the build starts. */
export function translate(error: unknown): unknown {
  if (!(error instanceof DaemonError) || error instanceof ExecFailedError) return error;
  if (isDiskFull(error.reason)) return error;
  return new SluiceError("BUILD_FAILED", error.reason, { cause: error });
}

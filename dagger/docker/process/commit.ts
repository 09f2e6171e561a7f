import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { registerImage } from "../image/register.ts";
import { digestOf } from "../image/manifest.ts";
import { LABEL } from "../labels.ts";
import type { Workshop } from "../workshop.ts";
import { flattenWhenDeep } from "./flatten.ts";

const committed = z.object({ Id: z.string() });

export interface CommitOptions {
  /** Image that the container was made from. */
  base: string;
  /** Variables whose values must not get into the image. */
  secretEnv: readonly { name: string; value: string }[];
  key?: string;
}

/** Keeps a container's root file system as an image; answers the image's id. */
export async function commit(
  workshop: Workshop,
  container: string,
  options: CommitOptions,
): Promise<string> {
  const flat = await flattenWhenDeep(workshop, container, options.base);
  if (flat !== undefined) return flat;
  const { Id } = await workshop.daemon.json(committed, "POST", "/commit", {
    query: { container, pause: false },
    body: {
      // A variable without a value takes the place of the container's own, value and all.
      Env: options.secretEnv.map(({ name }) => name),
      Labels: {
        [LABEL.kind]: "cache-image",
        ...(options.key === undefined ? {} : { [LABEL.key]: options.key }),
      },
    },
  });
  const id = Id.startsWith("sha256:") ? Id : `sha256:${Id}`;
  return options.secretEnv.length === 0 ? id : withoutSecrets(workshop, id, options);
}

const rawImage = z.looseObject({
  Created: z.string(),
  Os: z.string(),
  Architecture: z.string(),
  Variant: z.string().nullish(),
  Config: z.unknown(),
  RootFS: z.object({ Layers: z.array(z.string()) }),
});

/**
 * Docker's classic store also keeps, in a field of its own, what the container was given: secret
 * values included. An image that shows one is made anew from its layers, and removed. Never answers
 * an image that holds a secret.
 */
async function withoutSecrets(
  workshop: Workshop,
  id: string,
  { secretEnv }: CommitOptions,
): Promise<string> {
  const { daemon } = workshop;
  const inspect = () => daemon.json(rawImage, "GET", `/images/${id}/json`);
  const holdsSecret = (image: unknown): boolean => {
    const text = JSON.stringify(image);
    return secretEnv.some(({ name, value }) =>
      text.includes(JSON.stringify(`${name}=${value}`).slice(1, -1)),
    );
  };
  const image = await inspect();
  if (!holdsSecret(image)) return id;
  const config = Buffer.from(
    JSON.stringify({
      created: image.Created,
      architecture: image.Architecture,
      os: image.Os,
      ...(image.Variant ? { variant: image.Variant } : {}),
      config: image.Config,
      rootfs: { type: "layers", diff_ids: image.RootFS.Layers },
    }),
  );
  const clean = digestOf(config);
  const made =
    !holdsSecret(image.Config) &&
    (await registerImage(workshop, config, clean, image.RootFS.Layers).catch(() => false));
  await daemon.call("DELETE", `/images/${id}`, { query: { force: true, noprune: true } });
  if (made) return clean;
  throw new SluiceError(
    "SECRET_IN_IMAGE",
    "this container runtime would keep a secret variable in the image, so the image was removed",
    { hint: "Use Docker Engine, or mount the secret as a file." },
  );
}

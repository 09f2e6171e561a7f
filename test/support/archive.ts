import { createReadStream } from "node:fs";
import { text } from "node:stream/consumers";
import { extract } from "tar-stream";
import { z } from "zod";

const index = z.object({
  manifests: z.array(
    z.looseObject({
      digest: z.string(),
      mediaType: z.string(),
      platform: z.looseObject({ os: z.string(), architecture: z.string() }).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

export const imageManifest = z.looseObject({
  mediaType: z.string().optional(),
  config: z.looseObject({ digest: z.string(), mediaType: z.string() }),
  layers: z.array(z.looseObject({ digest: z.string(), mediaType: z.string(), size: z.number() })),
  annotations: z.record(z.string(), z.string()).optional(),
});

export const imageConfig = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  config: z.looseObject({
    Env: z.array(z.string()).nullish(),
    Entrypoint: z.array(z.string()).nullish(),
    Cmd: z.array(z.string()).nullish(),
    User: z.string().nullish(),
    WorkingDir: z.string().nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
    ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
    Healthcheck: z.looseObject({ Test: z.array(z.string()) }).nullish(),
  }),
});

/** Members of a tar archive that are small enough to be metadata. */
export async function readMembers(path: string): Promise<Map<string, string>> {
  const members = new Map<string, string>();
  const archive = createReadStream(path).pipe(extract());
  for await (const entry of archive) {
    if (entry.header.type === "file" && entry.header.size < 1_000_000) {
      members.set(entry.header.name, await text(entry));
    } else {
      members.set(entry.header.name, "");
      entry.resume();
    }
  }
  return members;
}

export interface OciImage {
  platform: string | undefined;
  annotations: Record<string, string>;
  manifest: z.infer<typeof imageManifest>;
  config: z.infer<typeof imageConfig>;
}

/** The images of an OCI layout archive, one for each platform. */
export function readImages(members: Map<string, string>): OciImage[] {
  const images: OciImage[] = [];
  const visit = (document: string) => {
    for (const entry of index.parse(JSON.parse(document)).manifests) {
      const content = blob(members, entry.digest);
      if (entry.mediaType.includes("index") || entry.mediaType.includes("list")) {
        visit(content);
        continue;
      }
      const manifest = imageManifest.parse(JSON.parse(content));
      const config = imageConfig.parse(JSON.parse(blob(members, manifest.config.digest)));
      const { platform, annotations = {} } = entry;
      images.push({
        platform: platform && `${platform.os}/${platform.architecture}`,
        annotations,
        manifest,
        config,
      });
    }
  };
  visit(members.get("index.json") ?? "{}");
  return images;
}

function blob(members: Map<string, string>, digest: string): string {
  const content = members.get(`blobs/${digest.replace(":", "/")}`);
  if (content === undefined) throw new Error(`the archive has no blob ${digest}`);
  return content;
}

import { z } from "zod";
import { record } from "../core/node.ts";
import { keyOf } from "../core/key.ts";
import { addressField } from "./address.ts";
import { CacheVolume } from "./cache-volume.ts";
import { Container, defaultPlatform } from "./container/container.ts";
import { field, plain, type TypeDefinition } from "./define.ts";
import { EnvFile } from "./env-file.ts";
import { Changeset } from "./files/changeset.ts";
import { Directory } from "./files/directory.ts";
import { File } from "./files/file.ts";
import { numericOwner } from "./files/owner.ts";
import { gitField } from "./git/fields.ts";
import { httpField } from "./http.ts";
import { JsonValue } from "./json-value.ts";
import { platformName } from "./platform.ts";
import { Secret } from "./secret.ts";

/** The engine version whose API this is. */
export const engineVersion = "v0.21.8";

/** The root of every query. */
export const queryFields: TypeDefinition<unknown> = {
  version: plain(() => engineVersion),
  defaultPlatform: plain((_, { session }) => defaultPlatform(session)),
  container: field({ platform: platformName.optional() }, (_, args, { session }) =>
    Container.scratch(session, args.platform),
  ),
  directory: plain((_, { session }) => Directory.empty(session)),
  changeset: plain((_, { session }) => Changeset.empty(session)),
  file: field(
    {
      name: z.string().regex(/^[^/\0]+$/, "file name must not contain a directory"),
      contents: z.string(),
      permissions: z.number().int().optional(),
    },
    (_, args, { session }) =>
      File.ofBytes(session, args.name, Buffer.from(args.contents), args.permissions),
  ),
  cacheVolume: field(
    {
      key: z.string(),
      source: z.instanceof(Directory).optional(),
      sharing: z.enum(["SHARED", "LOCKED", "PRIVATE"]).optional(),
      owner: z.string().optional(),
    },
    (_, { key, owner, ...options }) =>
      new CacheVolume(key, { ...options, owner: owner ? numericOwner(owner) : undefined }),
  ),
  setSecret: field({ name: z.string(), plaintext: z.string() }, (_, args, { session }) =>
    Secret.named(session, args.name, args.plaintext),
  ),
  secret: field(
    { uri: z.string(), cacheKey: z.string().optional() },
    (_, args, { session, caller }) => Secret.byUri(session, args.uri, caller),
  ),
  host: plain((_, { caller }) => ({ typeName: "Host", key: keyOf("host", caller.id) })),
  json: plain(() => JsonValue.of(null)),
  git: gitField,
  http: httpField,
  address: addressField,
  envFile: field(
    { expand: z.boolean().optional() },
    (_, args, { session }) => new EnvFile(session, [], args.expand === true),
  ),
  engine: plain(() => record("Engine", { name: "sluice-embedded" })),
};

import { z } from "zod";
import { keyOf } from "../../core/key.ts";
import { field, plain, type TypeDefinition } from "../define.ts";
import { EnvFile } from "../env-file.ts";
import type { Directory } from "../files/directory.ts";
import type { File } from "../files/file.ts";
import { repositoryIn } from "../git/repository.ts";
import { JsonValue } from "../json-value.ts";
import { platformName } from "../platform.ts";
import { Secret } from "../secret.ts";
import { Container } from "./container.ts";
import { credentialsOf, stateFromImage } from "./image-fields.ts";
import { withEnv } from "./state.ts";

/** What a Directory becomes: an image, a repository. */
export const directoryAsFields: TypeDefinition<Directory> = {
  asGit: plain((self) => repositoryIn(self)),
  dockerBuild: field(
    {
      dockerfile: z.string().default("Dockerfile"),
      platform: platformName.optional(),
      buildArgs: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
      target: z.string().optional(),
      secrets: z.array(z.instanceof(Secret)).default([]),
      noInit: z.boolean().optional(),
    },
    (self, { secrets, ...args }) => {
      const { session } = self;
      const key = keyOf(
        "docker-build",
        self.key,
        JSON.stringify(args),
        ...secrets.map((secret) => secret.key),
      );
      return new Container(session, key, async () => {
        const base = await Container.scratch(session, args.platform).state();
        const image = await session.progress.task(
          `build ${self.name === "/" ? "" : `${self.name}/`}${args.dockerfile}`,
          async (task) =>
            (await session.runtime()).build({
              ...args,
              context: await self.tree(),
              platform: base.platform,
              secrets: await Promise.all(
                secrets.map(async (secret) => ({
                  id: secret.name,
                  content: Buffer.from(await secret.plaintext()),
                })),
              ),
              credentials: await credentialsOf(base),
              progress: (line) => task.log(line),
            }),
        );
        return stateFromImage(session, base, image);
      });
    },
  ),
};

export const fileAsFields: TypeDefinition<File> = {
  asJSON: plain(async (self) => {
    const { blob } = await self.entry();
    return JsonValue.parse((await self.session.store.bytes(blob.digest)).toString("utf8"));
  }),
  asEnvFile: field({ expand: z.boolean().optional() }, async (self, args) =>
    EnvFile.parse(self.session, (await self.bytes()).toString("utf8"), args.expand === true),
  ),
};

export const containerEnvFileFields: TypeDefinition<Container> = {
  withEnvFileVariables: field({ source: z.instanceof(EnvFile) }, (self, { source }) =>
    self.configure(["withEnvFileVariables", source.key], (config) => ({
      ...config,
      env: source.variables().reduce((env, [name, value]) => withEnv(env, name, value), config.env),
    })),
  ),
};

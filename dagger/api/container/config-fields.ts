import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { record } from "../../core/node.ts";
import { field, plain, type TypeDefinition } from "../define.ts";
import { Secret } from "../secret.ts";
import type { Container } from "./container.ts";
import { absolute } from "./paths.ts";
import { envValue, expandVariables, withEnv, withoutEnv, type ContainerState } from "./state.ts";

const flag = z.boolean().optional();
const name = z.string();
const protocol = z.enum(["TCP", "UDP"]).default("TCP");

const without = (labels: Record<string, string>, removed: string) =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => key !== removed));

/** Environment, user, working directory, entrypoint, labels, ports: the image config. */
export const configFields: TypeDefinition<Container> = {
  platform: plain(async (self) => (await self.state()).platform),
  imageRef: plain(async (self) => {
    const { imageRef } = await self.state();
    if (imageRef !== null) return imageRef;
    throw new SluiceError(
      "NO_IMAGE_REF",
      "image reference can only be retrieved immediately after the 'Container.from' call; error in fetching imageRef as the container image is changed",
    );
  }),

  envVariable: field(
    { name },
    async (self, args) => envValue((await self.state()).config.env, args.name) ?? null,
  ),
  envVariables: plain(async (self) =>
    (await self.state()).config.env.map((item) => {
      const at = item.indexOf("=");
      return record("EnvVariable", { name: item.slice(0, at), value: item.slice(at + 1) });
    }),
  ),
  withEnvVariable: field({ name, value: z.string(), expand: flag }, (self, args) =>
    self.derive(["withEnvVariable", args.name, args.value, args.expand], (state) => {
      if (args.name === "" || /[=\0]/.test(args.name)) {
        throw new SluiceError(
          "INVALID_ARGUMENT",
          `invalid environment variable name ${JSON.stringify(args.name)}`,
        );
      }
      const { env } = state.config;
      const value = args.expand ? expandVariables(args.value, state) : args.value;
      const secretEnv = state.secretEnv.filter((secret) => secret.name !== args.name);
      return {
        ...state,
        secretEnv,
        config: { ...state.config, env: withEnv(env, args.name, value) },
      };
    }),
  ),
  withoutEnvVariable: field({ name }, (self, args) =>
    self.configure(["withoutEnvVariable", args.name], (config) => ({
      ...config,
      env: withoutEnv(config.env, args.name),
    })),
  ),
  withSecretVariable: field({ name, secret: z.instanceof(Secret) }, (self, args) =>
    self.derive(["withSecretVariable", args.name, args.secret.key], (state) => ({
      ...state,
      config: { ...state.config, env: withoutEnv(state.config.env, args.name) },
      secretEnv: [
        ...state.secretEnv.filter((item) => item.name !== args.name),
        { name: args.name, secret: args.secret },
      ],
    })),
  ),
  withoutSecretVariable: field({ name }, (self, args) =>
    self.derive(["withoutSecretVariable", args.name], (state) => ({
      ...state,
      secretEnv: state.secretEnv.filter((item) => item.name !== args.name),
    })),
  ),
  withVolatileVariable: field({ name, value: z.string() }, (self, args) =>
    self.derive(["withVolatileVariable", args.name, args.value], (state) => ({
      ...state,
      volatileEnv: [
        ...state.volatileEnv.filter((item) => item.name !== args.name),
        { name: args.name, value: args.value },
      ],
    })),
  ),
  withoutVolatileVariable: field({ name }, (self, args) =>
    self.derive(["withoutVolatileVariable", args.name], (state) => ({
      ...state,
      volatileEnv: state.volatileEnv.filter((item) => item.name !== args.name),
    })),
  ),

  user: plain(async (self) => (await self.state()).config.user),
  withUser: field({ name }, (self, args) =>
    self.configure(["withUser", args.name], (config) => ({ ...config, user: args.name })),
  ),
  withoutUser: plain((self) =>
    self.configure(["withoutUser"], (config) => ({ ...config, user: "" })),
  ),
  workdir: plain(async (self) => (await self.state()).config.workdir || "/"),
  withWorkdir: field({ path: z.string(), expand: flag }, (self, args) =>
    self.derive(["withWorkdir", args.path, args.expand], (state) => ({
      ...state,
      config: { ...state.config, workdir: absolute(state, args.path, args.expand) },
    })),
  ),
  withoutWorkdir: plain((self) =>
    self.configure(["withoutWorkdir"], (config) => ({ ...config, workdir: "" })),
  ),

  entrypoint: plain(async (self) => (await self.state()).config.entrypoint ?? []),
  withEntrypoint: field(
    { args: z.array(z.string()), keepDefaultArgs: flag },
    (self, { args, keepDefaultArgs }) =>
      self.derive(["withEntrypoint", keepDefaultArgs, ...args], (state) =>
        withEntrypoint(state, args, keepDefaultArgs),
      ),
  ),
  withoutEntrypoint: field({ keepDefaultArgs: flag }, (self, { keepDefaultArgs }) =>
    self.derive(["withoutEntrypoint", keepDefaultArgs], (state) =>
      withEntrypoint(state, null, keepDefaultArgs),
    ),
  ),
  defaultArgs: plain(async (self) => (await self.state()).config.cmd ?? []),
  withDefaultArgs: field({ args: z.array(z.string()) }, (self, { args }) =>
    self.derive(["withDefaultArgs", ...args], (state) => withDefaultArgs(state, args)),
  ),
  withoutDefaultArgs: plain((self) =>
    self.derive(["withoutDefaultArgs"], (state) => withDefaultArgs(state, null)),
  ),

  label: field(
    { name },
    async (self, args) => (await self.state()).config.labels[args.name] ?? null,
  ),
  labels: plain(async (self) =>
    Object.entries((await self.state()).config.labels).map(([key, value]) =>
      record("Label", { name: key, value }),
    ),
  ),
  withLabel: field({ name, value: z.string() }, (self, args) =>
    self.configure(["withLabel", args.name, args.value], (config) => ({
      ...config,
      labels: { ...config.labels, [args.name]: args.value },
    })),
  ),
  withoutLabel: field({ name }, (self, args) =>
    self.configure(["withoutLabel", args.name], (config) => ({
      ...config,
      labels: without(config.labels, args.name),
    })),
  ),
  withAnnotation: field({ name, value: z.string() }, (self, args) =>
    self.derive(["withAnnotation", args.name, args.value], (state) => ({
      ...state,
      annotations: { ...state.annotations, [args.name]: args.value },
    })),
  ),
  withoutAnnotation: field({ name }, (self, args) =>
    self.derive(["withoutAnnotation", args.name], (state) => ({
      ...state,
      annotations: without({ ...state.annotations }, args.name),
    })),
  ),

  exposedPorts: plain(async (self) =>
    (await self.state()).ports.map((port) => record("Port", { description: null, ...port })),
  ),
  withExposedPort: field(
    {
      port: z.number().int().min(1).max(65535),
      protocol,
      description: z.string().optional(),
      experimentalSkipHealthcheck: z.boolean().default(false),
    },
    (self, args) =>
      self.derive(["withExposedPort", JSON.stringify(args)], (state) => ({
        ...state,
        ports: [
          ...state.ports.filter(
            (port) => port.port !== args.port || port.protocol !== args.protocol,
          ),
          args,
        ],
      })),
  ),
  withoutExposedPort: field({ port: z.number().int(), protocol }, (self, args) =>
    self.derive(["withoutExposedPort", args.port, args.protocol], (state) => ({
      ...state,
      ports: state.ports.filter(
        (port) => port.port !== args.port || port.protocol !== args.protocol,
      ),
    })),
  ),

  withError: field({ err: z.string() }, (self, args) =>
    self.derive(["withError", args.err], (state) => {
      if (args.err !== "") throw new SluiceError("USER_ERROR", args.err);
      return state;
    }),
  ),
  withRegistryAuth: field(
    { address: name, username: z.string(), secret: z.instanceof(Secret) },
    (self, args) =>
      self.derive(["withRegistryAuth", args.address, args.username, args.secret.key], (state) => ({
        ...state,
        auth: [...state.auth.filter((item) => item.address !== args.address), args],
      })),
  ),
  withoutRegistryAuth: field({ address: name }, (self, args) =>
    self.derive(["withoutRegistryAuth", args.address], (state) => ({
      ...state,
      auth: state.auth.filter((item) => item.address !== args.address),
    })),
  ),
};

const withDefaultArgs = (state: ContainerState, cmd: string[] | null): ContainerState => ({
  ...state,
  config: { ...state.config, cmd },
  defaultArgsGiven: cmd !== null,
});

const withEntrypoint = (
  state: ContainerState,
  entrypoint: string[] | null,
  keepDefaultArgs: boolean | undefined,
): ContainerState => ({
  ...(keepDefaultArgs ? state : withDefaultArgs(state, null)),
  config: { ...state.config, entrypoint, cmd: keepDefaultArgs ? state.config.cmd : null },
});

import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { record } from "../../core/node.ts";
import { field, plain, type TypeDefinition } from "../define.ts";
import type { Container } from "./container.ts";

/** Docker keeps durations in nanoseconds. */
interface Healthcheck {
  Test?: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

const units = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 } as const;
const duration = z.string().optional();

/** The image's HEALTHCHECK: carried, published, and what a service's start waits for. */
export const healthcheckFields: TypeDefinition<Container> = {
  dockerHealthcheck: plain(async (self) => {
    const check = (await self.state()).config.healthcheck as Healthcheck | undefined;
    if (!check) return null;
    const [kind, ...args] = check.Test ?? [];
    return record("HealthcheckConfig", {
      args,
      shell: kind === "CMD-SHELL",
      interval: format(check.Interval),
      timeout: format(check.Timeout),
      startPeriod: format(check.StartPeriod),
      startInterval: format(check.StartInterval),
      retries: check.Retries ?? 0,
    });
  }),
  withDockerHealthcheck: field(
    {
      args: z.array(z.string()),
      shell: z.boolean().optional(),
      interval: duration,
      timeout: duration,
      startPeriod: duration,
      startInterval: duration,
      retries: z.number().int().optional(),
    },
    (self, args) =>
      self.configure(["withDockerHealthcheck", JSON.stringify(args)], (config) => {
        if (args.shell && args.args.length !== 1) {
          throw new SluiceError(
            "INVALID_ARGUMENT",
            "a shell healthcheck takes a single element, the command line",
          );
        }
        const healthcheck: Healthcheck = {
          Test: [args.shell ? "CMD-SHELL" : "CMD", ...args.args],
          Interval: parse(args.interval),
          Timeout: parse(args.timeout),
          StartPeriod: parse(args.startPeriod),
          StartInterval: parse(args.startInterval),
          Retries: args.retries,
        };
        return { ...config, healthcheck };
      }),
  ),
  withoutDockerHealthcheck: plain((self) =>
    self.configure(["withoutDockerHealthcheck"], (config) => ({
      ...config,
      healthcheck: undefined,
    })),
  ),
};

function parse(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)];
  if (parts.map((part) => part[0]).join("") !== text) {
    throw new SluiceError("INVALID_DURATION", `time: invalid duration ${JSON.stringify(text)}`, {
      hint: "Write it as 30s or 1m30s.",
    });
  }
  return parts.reduce(
    (sum, part) => sum + Number(part[1]) * units[part[2] as keyof typeof units],
    0,
  );
}

function format(nanoseconds: number | undefined): string {
  if (!nanoseconds) return "0s";
  const seconds = nanoseconds / 1e9;
  if (seconds < 60) return `${seconds}s`;
  return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

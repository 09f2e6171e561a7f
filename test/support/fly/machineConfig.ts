import { z } from "zod";

const json = z.unknown();

const check = z.strictObject({
  type: z.enum(["http", "tcp"]),
  port: z.number().int().optional(),
  path: z.string().optional(),
  method: z.string().optional(),
  interval: json.optional(),
  timeout: json.optional(),
  grace_period: json.optional(),
});

/** `config` of a machine, as the Machines API documents it; other keys are refused. */
export const machineConfig = z.strictObject({
  image: z.string(),
  env: z.record(z.string(), z.string()).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  init: z
    .strictObject({
      cmd: z.array(z.string()).optional(),
      entrypoint: z.array(z.string()).optional(),
      exec: z.array(z.string()).optional(),
    })
    .optional(),
  guest: z
    .strictObject({ cpu_kind: z.string(), cpus: z.number(), memory_mb: z.number() })
    .optional(),
  services: z
    .array(
      z.strictObject({
        protocol: z.enum(["tcp", "udp"]),
        internal_port: z.number().int(),
        ports: z.array(json).optional(),
        checks: z.array(check).optional(),
        autostop: json.optional(),
        autostart: json.optional(),
        min_machines_running: z.number().optional(),
        concurrency: json.optional(),
      }),
    )
    .optional(),
  checks: z.record(z.string(), check).optional(),
  restart: z.strictObject({ policy: z.string(), max_retries: z.number().optional() }).optional(),
  auto_destroy: z.boolean().optional(),
  standbys: z.array(z.string()).optional(),
});

/** Body of a request that makes or changes a machine. */
export const machineRequest = z.strictObject({
  config: machineConfig,
  region: z.string().optional(),
  name: z.string().optional(),
  skip_launch: z.boolean().optional(),
  skip_service_registration: z.boolean().optional(),
  lease_ttl: z.number().int().optional(),
  current_version: z.string().optional(),
  min_secrets_version: z.number().int().optional(),
});

import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { machineRequest } from "./machineConfig.ts";
import { HttpError } from "./httpError.ts";
import { machineId, type StandInApp, type StandInLease, type StandInMachine } from "./model.ts";
import type { World } from "./world.ts";

/** A request below `/v1/apps/<app>/machines`. */
export interface MachinesCall {
  method: string;
  /** Machine and verb: `["148e…", "lease"]`. */
  path: readonly string[];
  query: URLSearchParams;
  nonce: string | undefined;
  body: unknown;
}

/** Answers what the Machines API does; throws `HttpError`. */
export async function machines(world: World, app: StandInApp, call: MachinesCall) {
  const [id, verb, ...more] = call.path;
  if (id === undefined) {
    const there = [...app.machines.values()].filter(({ state }) => state !== "destroyed");
    if (call.method === "GET") return Promise.all(there.map(world.show(app)));
    if (call.method === "POST") return create(world, app, parsed(call.body));
    throw new HttpError(405, "method not allowed");
  }
  const machine = app.machines.get(id);
  if (!machine) throw new HttpError(404, `machine not found, '${id}'`);
  if (more.length > 0) throw new HttpError(404, "not found");
  switch (`${call.method} ${verb ?? ""}`) {
    case "GET ":
      return world.show(app)(machine);
    case "POST ":
      return update(world, app, machine, call);
    case "POST start":
      allowed(machine, call);
      await start(world, app, machine);
      return { previous_state: "stopped" };
    case "POST stop":
      allowed(machine, call);
      await world.stop(machine);
      machine.state = "stopped";
      return { ok: true };
    case "GET wait":
      return wait(machine, call.query);
    case "GET lease":
      return { status: "success", data: currentLease(machine) ?? missing("lease not found") };
    case "POST lease":
      return { status: "success", data: lease(machine, call) };
    case "DELETE lease":
      if (!currentLease(machine)) throw new HttpError(404, "lease not found");
      allowed(machine, call);
      machine.lease = undefined;
      return { ok: true };
    default:
      throw new HttpError(404, "not found");
  }
}

function parsed(body: unknown): z.output<typeof machineRequest> {
  const request = machineRequest.safeParse(body);
  if (request.success) return request.data;
  const [issue] = request.error.issues;
  throw new HttpError(
    400,
    `invalid_argument: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`,
  );
}

async function create(
  world: World,
  app: StandInApp,
  { config, region = "fra", name, skip_launch = false }: z.output<typeof machineRequest>,
) {
  const id = machineId();
  const now = new Date().toISOString();
  const machine: StandInMachine = {
    ...{ id, region, config, created_at: now, updated_at: now, events: [], host_status: "ok" },
    name: name ?? `quiet-river-${id.slice(0, 4)}`,
    state: "stopped",
    instance_id: randomUUID(),
    image_ref: await world.imageRef(app, config.image),
  };
  app.machines.set(id, machine);
  if (!skip_launch) await start(world, app, machine);
  return world.show(app)(machine);
}

async function update(
  world: World,
  app: StandInApp,
  machine: StandInMachine,
  call: MachinesCall,
): Promise<unknown> {
  allowed(machine, call);
  const { config, region = machine.region, skip_launch = false } = parsed(call.body);
  if (region !== machine.region) throw new HttpError(400, "cannot change region of a machine");
  machine.image_ref = await world.imageRef(app, config.image);
  machine.config = config;
  machine.instance_id = randomUUID();
  machine.updated_at = new Date().toISOString();
  await world.stop(machine);
  machine.state = "stopped";
  if (!skip_launch) await start(world, app, machine);
  return world.show(app)(machine);
}

async function start(world: World, app: StandInApp, machine: StandInMachine): Promise<void> {
  machine.events.unshift({ type: "start", status: "started", timestamp: Date.now() });
  if (machine.config.metadata?.fly_process_group !== "fly_app_release_command") {
    await world.start(app, machine);
    machine.state = "started";
    return;
  }
  const { exitCode, output } = app.behaviour.releaseCommand;
  app.behaviour.onReleaseCommand();
  app.logs.push(...output.split("\n"));
  const request = { exit_event: { exit_code: exitCode, exited_at: new Date().toISOString() } };
  machine.events.unshift({ type: "exit", status: "stopped", request, timestamp: Date.now() });
  machine.state = "destroyed";
}

function wait(machine: StandInMachine, query: URLSearchParams): unknown {
  const wanted = query.get("state") ?? "started";
  // What it would become, it is at once.
  if (machine.state === wanted) return { ok: true };
  throw new HttpError(408, "deadline_exceeded");
}

function currentLease({ lease }: StandInMachine) {
  return lease && lease.expires_at * 1000 > Date.now() ? lease : undefined;
}

function lease(machine: StandInMachine, { query, nonce }: MachinesCall) {
  const held = currentLease(machine);
  if (held && held.nonce !== nonce) {
    throw new HttpError(409, heldBy(machine, held));
  }
  const seconds = Number(query.get("ttl") ?? "30");
  machine.lease = {
    nonce: held?.nonce ?? randomUUID().slice(0, 12),
    owner: "deployer@example.com",
    expires_at: Math.floor(Date.now() / 1000) + seconds,
    version: machine.instance_id,
  };
  return machine.lease;
}

/** Only who holds the lease, if anybody does, may change a machine. */
function allowed(machine: StandInMachine, { nonce }: MachinesCall): void {
  const held = currentLease(machine);
  if (held && held.nonce !== nonce) {
    throw new HttpError(409, heldBy(machine, held));
  }
}

function heldBy({ id }: StandInMachine, { owner, expires_at }: StandInLease): string {
  const expires = new Date(expires_at * 1000).toISOString().replace(".000", "");
  return `machine ID ${id} lease currently held by ${owner}, expires at ${expires}`;
}

function missing(what: string): never {
  throw new HttpError(404, what);
}

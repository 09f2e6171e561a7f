import { flaps } from "./fly.ts";

/** A machine, as the Machines API shows it. */
export interface Machine {
  id: string;
  state: string;
  region: string;
  config: Config;
  checks: { name: string; status: string }[];
  events: { type: string; request?: { exit_event?: { exit_code: number } } }[];
}

interface Config {
  image: string;
  metadata?: Record<string, string>;
  [key: string]: unknown;
}

/** Machines of the app that are no helpers. */
export async function activeMachines(app: string): Promise<Machine[]> {
  const all = await flaps<Machine[]>("list active VMs", "GET", `${app}/machines`);
  return all.filter(
    ({ state, config }) =>
      state !== "destroyed" && config.metadata?.fly_process_group !== "fly_app_release_command",
  );
}

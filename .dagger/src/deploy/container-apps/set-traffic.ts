import { changeApp, type Until } from "./change.ts";
import type { App, Traffic } from "./model.ts";
import { trafficOf } from "./traffic.ts";
import type { Work } from "./work.ts";

/** Gives an app other traffic, where it has another one by now. */
export async function setTraffic(
  work: Work,
  name: string,
  { location }: App,
  traffic: Traffic[],
  until: Until,
): Promise<void> {
  const patch = { location, properties: { configuration: { ingress: { traffic } } } };
  await changeApp(work, name, patch, (app) => hasTraffic(app, traffic), until);
}

/** Whether an app's traffic is exactly this. */
export function hasTraffic(app: App, traffic: readonly Traffic[]): boolean {
  return JSON.stringify(trafficOf(app)) === JSON.stringify(traffic);
}

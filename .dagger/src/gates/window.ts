import type { DeploymentWindow, Weekday } from "../pipeline/model.ts";
import type { Gate } from "./gate.ts";
import { failed, gateNamed, passed } from "./verdict.ts";

const WEEK: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** It is the time to deploy. */
export function window(policy: DeploymentWindow, now: () => Date): Gate {
  const words = inWords(policy);
  return gateNamed("window", `It is ${words}: somebody is there to watch.`, () => {
    const instant = now();
    const { day, minute } = localTime(instant, policy.timezone);
    const here = `${day} ${clock(minute)} ${policy.timezone}`;
    const evidence = { now: instant.toISOString(), local: here, window: words };
    return isOpen(policy, day, minute)
      ? passed(`${here} is within ${words}`, evidence)
      : failed(`expected ${words}, it is ${here}`, "wait until the window opens", evidence);
  });
}

/** Whether the window is open; one over midnight belongs to the day on which it opens. */
function isOpen(policy: DeploymentWindow, day: Weekday, minute: number): boolean {
  const { days, fromMinute, toMinute } = policy;
  if (fromMinute < toMinute) {
    return days.includes(day) && minute >= fromMinute && minute < toMinute;
  }
  const yesterday = WEEK.at(WEEK.indexOf(day) - 1) ?? day;
  return (
    (days.includes(day) && minute >= fromMinute) || (days.includes(yesterday) && minute < toMinute)
  );
}

function localTime(instant: Date, timeZone: string): { day: Weekday; minute: number } {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(instant);
  const part = (name: string) => parts.find(({ type }) => type === name)?.value ?? "";
  const day = WEEK.find((one) => one === part("weekday").toLowerCase());
  if (day === undefined) throw new Error(`no weekday in ${timeZone} at ${instant.toISOString()}`);
  return { day, minute: Number(part("hour")) * 60 + Number(part("minute")) };
}

function inWords({ days, fromMinute, toMinute, timezone }: DeploymentWindow): string {
  const when = days.length === WEEK.length ? "any day" : days.join(", ");
  return `${when} ${clock(fromMinute)}–${clock(toMinute)} ${timezone}`;
}

function clock(minute: number): string {
  const two = (count: number) => String(count).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

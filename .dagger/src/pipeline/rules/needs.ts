import { suggestion } from "../suggest.ts";
import type { Draft, Finding, Rule } from "./draft.ts";

/** What is needed exists, once, and keeps running. */
export const needsAreKnown: Rule = ({ services, dependencies, needs: all }) => {
  const names = [...services.keys(), ...dependencies.keys()];
  return [...all].flatMap(([name, needs]) =>
    needs.flatMap((need, index): Finding[] => {
      const path = ["services", name, "needs", index];
      if (need === name) return [{ path, message: "a service can't need itself" }];
      if (needs.indexOf(need) < index) return [{ path, message: `${need} is listed twice` }];
      if (!names.includes(need)) {
        const others = names.filter((other) => other !== name);
        const message = `no service or dependency is called ${JSON.stringify(need)}`;
        return [{ path, message: `${message}${suggestion(need, others)}` }];
      }
      if (services.get(need)?.job) {
        return [{ path, message: `${need} is a job, which ends; expected something that serves` }];
      }
      return [];
    }),
  );
};

/** Nothing waits for itself through others. */
export const needsHaveNoCycle: Rule = ({ needs }) => {
  const reported = new Set<string>();
  return [...needs.keys()].flatMap((name) => {
    const cycle = cycleFrom(name, needs);
    if (!cycle || cycle.some((member) => reported.has(member))) return [];
    for (const member of cycle) reported.add(member);
    const message = `services wait for each other: ${[...cycle, name].join(" → ")}`;
    return [{ path: ["services", name, "needs"], message }];
  });
};

/** The shortest way from a service back to itself, longer than one step. */
function cycleFrom(start: string, needs: Draft["needs"]): string[] | undefined {
  const ways = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    const last = way.at(-1) ?? start;
    for (const need of needs.get(last) ?? []) {
      if (need === start && way.length > 1) return way;
      if (seen.has(need) || need === start) continue;
      seen.add(need);
      ways.push([...way, need]);
    }
  }
  return undefined;
}

import { cyclesIn } from "./cycle.ts";
import type { Finding, Rule } from "./draft.ts";
import { unknown } from "./unknown.ts";

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
        return [unknown("service or dependency", need, others, path)];
      }
      if (services.get(need)?.job) {
        return [{ path, message: `${need} is a job, which ends; expected something that serves` }];
      }
      if (services.get(need)?.files) {
        return [
          { path, message: `${need} is files, which never run; expected something that serves` },
        ];
      }
      return [];
    }),
  );
};

/** Nothing waits for itself through others. */
export const needsHaveNoCycle: Rule = ({ needs }) =>
  cyclesIn(needs).map(([name = "", ...others]) => ({
    path: ["services", name, "needs"],
    message: `services wait for each other: ${[name, ...others, name].join(" → ")}`,
  }));

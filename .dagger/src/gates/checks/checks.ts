import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { failed, gateNamed, passed, short } from "../verdict.ts";

/** CI is green on the commit. */
export function checks(wanted: true | readonly string[], facts: GateFacts): Gate {
  const { commit } = facts;
  return gateNamed(
    "checks",
    `${wanted === true ? "All CI checks" : `The CI checks ${wanted.join(", ")}`} are green on the commit.`,
    async () => {
      const all = await facts.checks(commit);
      const counted = wanted === true ? all : all.filter(({ name }) => wanted.includes(name));
      const evidence = {
        commit,
        checks: counted.map(({ name, state }) => `${name}: ${state}`).join(", "),
      };
      if (all.length === 0) {
        return failed(
          `expected green checks on ${short(commit)}, found none at all`,
          "run CI on this commit first",
          evidence,
        );
      }
      const absent = wanted === true ? [] : wanted.filter((name) => !hasNamed(all, name));
      const faults = [
        ...counted.filter(({ green }) => !green).map(({ name, state }) => `${name} is ${state}`),
        ...absent.map((name) => `${name} never ran`),
      ];
      return faults.length === 0
        ? passed(
            counted.length === 1 ? "1 check is green" : `${counted.length} checks are green`,
            evidence,
          )
        : failed(
            `expected green checks on ${short(commit)}: ${faults.join("; ")}`,
            wanted === true
              ? "wait for them or mend them; to count some checks only, name them under gates.checks"
              : "wait for them or mend them",
            evidence,
          );
    },
  );
}

function hasNamed(all: readonly { name: string }[], name: string): boolean {
  return all.some((one) => one.name === name);
}

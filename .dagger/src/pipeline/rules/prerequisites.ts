import { cyclesIn } from "./cycle.ts";
import { type Draft, type Finding, readable, type Rule } from "./draft.ts";
import { unknown } from "./unknown.ts";

/** A channel that another one waits for, and where that is said. */
interface Prerequisite {
  name: string;
  path: readonly PropertyKey[];
}

/** What a channel waits for exists, is another one, and comes before it. */
export const prerequisitesComeBefore: Rule = (draft) => {
  const { channels } = draft;
  const names = [...channels.keys()];
  const cyclic = new Set(cyclesIn(edgesOf(draft)).flat());
  return readable(channels).flatMap(([name]) =>
    prerequisitesOf(draft, name).flatMap(({ name: other, path }, index, all): Finding[] => {
      if (other === name) return [{ path, message: "a channel can't wait for itself" }];
      if (!channels.has(other)) {
        const known = names.filter((one) => one !== name);
        return [unknown("channel", other, known, path)];
      }
      const twin = all.findIndex((one) => one.name === other && one.path.includes("after"));
      if (twin < index && path.includes("after")) {
        return [{ path, message: `${other} is listed twice` }];
      }
      const [own, theirs] = [orderOf(draft, name), orderOf(draft, other)];
      if (theirs < own || (cyclic.has(name) && cyclic.has(other))) return [];
      const message = `${other} has order ${theirs}; expected one below ${own}, the order of ${name}`;
      return [{ path, message }];
    }),
  );
};

/** No channel waits for itself through others. */
export const prerequisitesHaveNoCycle: Rule = (draft) =>
  cyclesIn(edgesOf(draft)).map(([name = "", ...others]) => ({
    path: ["channels", name],
    message: `channels wait for each other: ${[name, ...others, name].join(" → ")}`,
    atKey: true,
  }));

function edgesOf(draft: Draft): Map<string, string[]> {
  return new Map(
    [...draft.channels.keys()].map((name) => [
      name,
      prerequisitesOf(draft, name).map((one) => one.name),
    ]),
  );
}

function prerequisitesOf({ channels }: Draft, name: string): Prerequisite[] {
  const channel = channels.get(name);
  const path = ["channels", name];
  const same = channel?.gates?.sameReleaseAs;
  return [
    ...(channel?.after ?? []).map((other, index) => ({
      name: other,
      path: [...path, "after", index],
    })),
    ...(same === undefined ? [] : [{ name: same, path: [...path, "gates", "sameReleaseAs"] }]),
  ];
}

function orderOf({ channels }: Draft, name: string): number {
  return channels.get(name)?.order ?? [...channels.keys()].indexOf(name) + 1;
}

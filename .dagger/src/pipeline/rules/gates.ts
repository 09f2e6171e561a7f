import { readable, type Rule } from "./draft.ts";

/** What speaks of releases needs to know what a release is, on both sides. */
export const releasesAreKnown: Rule = ({ channels }) =>
  readable(channels).flatMap(([name, { gates }]) => {
    if (!gates) return [];
    const path = ["channels", name, "gates"];
    const { release, changelog, sameReleaseAs } = gates;
    const missing = "needs release, which says what kind of git tag a release is";
    const other = channels.get(sameReleaseAs ?? "");
    return [
      ...(changelog !== undefined && !release
        ? [{ path: [...path, "changelog"], message: missing, atKey: true }]
        : []),
      ...(sameReleaseAs !== undefined && !release
        ? [{ path: [...path, "sameReleaseAs"], message: missing, atKey: true }]
        : []),
      ...(release && other && sameReleaseAs !== name && !other.gates?.release
        ? [
            {
              path: [...path, "sameReleaseAs"],
              message: `channel ${sameReleaseAs ?? ""} holds no releases; expected release among its gates, too`,
            },
          ]
        : []),
    ];
  });

/** A commit that is on the branch already has nowhere to be fast-forwarded to. */
export const branchIsNotItsOwnGate: Rule = ({ channels }) =>
  readable(channels).flatMap(([name, { branch, gates }]) =>
    (["onBranch", "headOf"] as const)
      .filter((key) => branch !== undefined && gates?.[key] === branch)
      .map((key) => ({
        path: ["channels", name, "gates", key],
        message: `${branch ?? ""} is the branch that the promotion moves; expected the one that commits come from`,
      })),
  );

/** As many may approve as have to. */
export const approvalsAreReachable: Rule = ({ channels }) =>
  readable(channels).flatMap(([name, { gates }]) => {
    const { count = 0, from } = gates?.approvals ?? {};
    if (!from || new Set(from).size >= count) return [];
    return [
      {
        path: ["channels", name, "gates", "approvals"],
        message: `expected at least ${count} different names in from, found ${new Set(from).size}`,
      },
    ];
  });

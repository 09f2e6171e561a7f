import { type Finding, readable, type Rule } from "./draft.ts";
import { unknown } from "./unknown.ts";

/** Channels name registries that exist, and tags of their own. */
export const channelsAreDistinct: Rule = ({ channels, registries }) => {
  const owners = new Map<string, string>();
  return readable(channels).flatMap(([name, { tag = name, verifyFrom }]) => {
    const path = ["channels", name];
    const findings: Finding[] = [];
    const owner = owners.get(tag);
    owners.set(tag, owner ?? name);
    if (owner !== undefined) {
      const message = `channel ${owner} moves the tag ${JSON.stringify(tag)}, too`;
      findings.push({ path, message, atKey: true });
    }
    if (tag.startsWith("sha-")) {
      const message = "expected a tag that doesn't start with sha-: those belong to candidates";
      findings.push({ path, message, atKey: true });
    }
    if (verifyFrom !== undefined && !registries.has(verifyFrom)) {
      findings.push(unknown("registry", verifyFrom, registries.keys(), [...path, "verifyFrom"]));
    }
    return findings;
  });
};

/** A branch stands for what one channel holds. */
export const branchesAreDistinct: Rule = ({ channels }) => {
  const owners = new Map<string, string>();
  return readable(channels).flatMap(([name, { branch }]) => {
    if (branch === undefined) return [];
    const owner = owners.get(branch);
    owners.set(branch, owner ?? name);
    if (owner === undefined) return [];
    const message = `channel ${owner} moves the branch ${JSON.stringify(branch)}, too`;
    return [{ path: ["channels", name, "branch"], message }];
  });
};

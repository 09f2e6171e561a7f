import { z } from "zod";
import { branchName } from "./branch.ts";
import { label, variableName } from "./names.ts";
import { releasePolicy } from "./release-policy.ts";
import { innerPath, line } from "./values.ts";
import { deploymentWindow } from "./window.ts";

const count = z
  .int({ error: "a number of people, at least 1" })
  .min(1, { error: "a number of people, at least 1" });

const approvals = z
  .union([
    count.transform((count) => ({ count, from: undefined })),
    z
      .strictObject({
        count: count.default(1).describe("How many people. Default: 1."),
        from: z
          .array(line)
          .min(1, { error: "at least one name" })
          .optional()
          .describe("Names of those who may approve. Default: anybody."),
      })
      .transform(({ count, from }) => ({ count, from })),
  ])
  .describe("How many people have to approve the commit for this channel, or {count, from}.");

const checks = z
  .union([z.literal(true), z.array(line).min(1, { error: "at least one check" })])
  .describe("CI checks are green on the commit: true for all there are, or the names of some.");

const changelog = z
  .union([z.literal(true).transform(() => "CHANGELOG.md"), innerPath])
  .describe(
    "The changelog has a section for the release: true for CHANGELOG.md, or another path. Needs release.",
  );

const mediaType = z.string().regex(/^[A-Za-z0-9][\w!#$&^.+-]*\/[A-Za-z0-9][\w!#$&^.+-]*$/, {
  error: "an artifact type such as application/spdx+json",
});

/** Conditions that a promotion has to meet. */
export const gates = z
  .strictObject({
    onBranch: branchName.optional().describe("The commit is on this branch of the remote."),
    headOf: branchName
      .optional()
      .describe("The commit is the head of this branch right now. A replay by hand passes it."),
    release: releasePolicy.optional(),
    sameReleaseAs: label
      .optional()
      .describe("The very git tag and commit that this channel holds. Needs release on both."),
    checks: checks.optional(),
    changelog: changelog.optional(),
    referrers: z
      .array(mediaType)
      .default([])
      .describe("Artifact types that each image has in each registry, such as an SBOM's."),
    signed: variableName
      .optional()
      .describe("Setting with a public key: every image has a cosign signature by it."),
    window: deploymentWindow.optional(),
    approvals: approvals.optional(),
    settings: z
      .array(variableName)
      .default([])
      .describe("Names of values that have to be given and not be empty."),
  })
  .describe("What has to hold before a candidate is promoted here.");

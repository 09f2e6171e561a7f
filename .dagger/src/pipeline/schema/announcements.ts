import { z } from "zod";
import { branchName } from "./branch.ts";
import { given } from "./given.ts";
import { label, variableName } from "./names.ts";
import { innerPath, line } from "./values.ts";

const discussion = z
  .strictObject({
    channels: z.array(label).default([]).describe("Channels that it tells of."),
    merges: branchName.optional().describe("Branch whose merges it tells of (announce-merge)."),
    title: line.max(256, { error: "a title of at most 256 characters" }).describe("Its title."),
    category: line.describe("Category that it lies in, as GitHub shows it."),
    body: innerPath
      .optional()
      .describe("Markdown that the thread begins with when it is missing. Default: a line on it."),
    template: innerPath
      .optional()
      .describe("Markdown of a comment, with {{placeholders}}. Default: the built-in one."),
    label: line.optional().describe("Label that the thread gets."),
  })
  .describe("A thread in GitHub Discussions.");

const github = z
  .strictObject({
    repository: z
      .string()
      .regex(/^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/, { error: "a repository such as acme/shop" })
      .optional()
      .describe("Default: that of the git remote."),
    api: z
      .url({ protocol: /^https?$/, error: "a URL such as https://github.example.com/api/v3" })
      .optional()
      .describe("Base URL of the REST API. Default: that of the git remote."),
    deployments: z
      .boolean()
      .default(false)
      .describe("Record deployments with their statuses. Default: false."),
    issues: z
      .union([
        z.literal(true).transform(() => ({ labels: ["release-failure"] })),
        z.strictObject({
          labels: z
            .array(line)
            .min(1, { error: "at least one label" })
            .describe("Labels of the issue; it is found by them."),
        }),
      ])
      .optional()
      .describe("One issue for each channel that fails, closed when it recovers."),
    releases: z
      .strictObject({
        channels: z
          .array(label)
          .min(1, { error: "at least one channel" })
          .describe("Channels whose promotions become releases."),
        changelog: innerPath
          .default("CHANGELOG.md")
          .describe("Where the notes come from. Default: CHANGELOG.md."),
      })
      .optional()
      .describe("GitHub releases, with notes from the changelog and the files of the candidate."),
    discussions: z.record(label, discussion).default({}).describe("Threads, by name."),
  })
  .describe("What GitHub is told. Signs in with --github-token, or as an App by settings.");

/** Who is told of releases. */
export const announcements = z
  .strictObject({
    github: github.optional(),
    webhook: z
      .strictObject({
        url: given.describe("Where to send it; https."),
        secret: variableName.optional().describe("Setting that signs what is sent."),
      })
      .optional()
      .describe("A request with each event as JSON, for everything else."),
    markdown: innerPath
      .optional()
      .describe("Markdown log of releases in the repository, the newest on top (sluice generate)."),
  })
  .describe("Who is told of promotions, deployments and failures.");

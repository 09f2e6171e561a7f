import { readFile } from "node:fs/promises";
import { Settings } from "../deploy/settings.ts";
import { releaseAssets } from "../files/assets.ts";
import { changelogSection } from "../gates/release/changelog-section.ts";
import { temporaryFolder } from "../git/temporary.ts";
import type { GithubAccess } from "../github/access.ts";
import { githubOf } from "../github/connection.ts";
import { deploymentsSink } from "../github/deployments.ts";
import { discussionSink } from "../github/discussions/sink.ts";
import { issuesSink } from "../github/issues.ts";
import { attachAssets } from "../github/release-assets.ts";
import { releasesSink } from "../github/releases.ts";
import type { PipelineDiscussion, PipelineGithub } from "../pipeline/model.ts";
import type { Release } from "../release.ts";
import type { ReleaseEvent } from "./event.ts";
import { noticesOf } from "./notices.ts";
import type { Sink } from "./sink.ts";
import { parseTemplate } from "./template.ts";
import { webhookSink } from "./webhook.ts";

/** Everybody that the pipeline file wants told; nobody, where it says nothing of it. */
export async function sinksOf(
  release: Release,
  onProgress: (line: string) => void = () => undefined,
): Promise<Sink[]> {
  const { github, webhook } = release.pipeline.announcements;
  const settings = new Settings(release);
  return [
    ...(github ? await githubSinks(release, github, onProgress) : []),
    ...(webhook
      ? [
          webhookSink({
            notices: noticesOf(release.pipeline),
            url: await settings.resolve(webhook.url, "the webhook's URL"),
            secret:
              webhook.secret === undefined
                ? undefined
                : await settings.get(webhook.secret, "the webhook's secret"),
          }),
        ]
      : []),
  ];
}

async function githubSinks(
  release: Release,
  { deployments, issues, releases, discussions }: PipelineGithub,
  onProgress: (line: string) => void,
): Promise<Sink[]> {
  const access = await githubOf(release, onProgress);
  return [
    ...(deployments ? [deploymentsSink(access)] : []),
    ...(issues ? [issuesSink(access, issues.labels)] : []),
    ...(releases ? [releasesWithFiles(release, access, releases)] : []),
    ...(await Promise.all(discussions.map((thread) => threadSink(release, access, thread)))),
  ];
}

/** A release on GitHub, with the candidate's files where it has any. */
function releasesWithFiles(
  release: Release,
  access: GithubAccess,
  { channels, changelog }: NonNullable<PipelineGithub["releases"]>,
): Sink {
  const sink = releasesSink(access, {
    channels,
    changelogSection: (tag) => sectionOf(release, changelog, tag),
  });
  return {
    ...sink,
    async tell(event) {
      const told = await sink.tell(event);
      if (told && event.release !== undefined) await attach(release, access, event, event.release);
      return told;
    },
  };
}

/** What the changelog says of a tag, as it was at that tag. */
async function sectionOf(
  release: Release,
  changelog: string,
  tag: string,
): Promise<string | undefined> {
  const history = await release.history();
  const commit = (await history.tags()).find(({ name }) => name === tag)?.commit;
  const text = commit === undefined ? undefined : await history.file(commit, changelog);
  return text === undefined ? undefined : changelogSection(text, tag);
}

async function attach(
  release: Release,
  access: GithubAccess,
  { digests }: ReleaseEvent,
  tag: string,
): Promise<void> {
  const folder = await temporaryFolder("assets");
  try {
    const assets = await releaseAssets(release, digests, folder.path);
    if (assets.length === 0) return;
    const files = await Promise.all(
      assets.map(async ({ name, path, sha256 }) => ({ name, sha256, bytes: await readFile(path) })),
    );
    await attachAssets(access, tag, files);
  } finally {
    await folder.remove();
  }
}

async function threadSink(
  release: Release,
  access: GithubAccess,
  discussion: PipelineDiscussion,
): Promise<Sink> {
  const { pipeline, source } = release;
  const { body, template } = discussion;
  const [bodyText, templateText] = await Promise.all(
    [body, template].map(async (path) =>
      path === undefined ? undefined : source.file(path).contents(),
    ),
  );
  const threads = pipeline.announcements.github?.discussions ?? [];
  const options = {
    ...{ repository: access.repository, discussion, bodyText },
    template: templateText === undefined ? undefined : parseTemplate(templateText, template ?? ""),
    notices: noticesOf(pipeline),
    others: threads.filter((thread) => thread !== discussion),
  };
  // Signing in may fail, too, and is then tried again later like everything else.
  const sink = async () => discussionSink({ ...options, octokit: await access.octokit() });
  return {
    name: `discussion ${discussion.name}`,
    preview: async (event) => (await sink()).preview(event),
    tell: async (event) => (await sink()).tell(event),
  };
}

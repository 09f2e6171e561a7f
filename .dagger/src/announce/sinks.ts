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
import type { ReleaseFile } from "../github/release-assets.ts";
import { releasesSink } from "../github/releases.ts";
import { once } from "../once.ts";
import type { PipelineDiscussion, PipelineGithub } from "../pipeline/model.ts";
import type { Release } from "../release.ts";
import type { ReleaseEvent } from "./event.ts";
import { noticesOf } from "./notices.ts";
import type { Sink } from "./sink.ts";
import { parseTemplate, type Template } from "./template.ts";
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
    ...(releases
      ? [
          releasesSink(access, {
            channels: releases.channels,
            changelogSection: (tag) => sectionOf(release, releases.changelog, tag),
            files: (event) => filesOf(release, event),
          }),
        ]
      : []),
    ...discussions.map((thread) => threadSink(release, access, thread)),
  ];
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

/** The candidate's files, such as firmware; none where no service is files. */
async function filesOf(release: Release, { digests }: ReleaseEvent): Promise<ReleaseFile[]> {
  const folder = await temporaryFolder("assets");
  try {
    const assets = await releaseAssets(release, digests, folder.path);
    return await Promise.all(
      assets.map(async ({ name, path, sha256 }) => ({ name, sha256, bytes: await readFile(path) })),
    );
  } finally {
    await folder.remove();
  }
}

/** A thread, signed in to and read when it is told something: what fails then is tried again later. */
function threadSink(
  { pipeline, source }: Release,
  access: GithubAccess,
  discussion: PipelineDiscussion,
): Sink {
  const threads = pipeline.announcements.github?.discussions ?? [];
  const sink = once(async () => {
    const { body, template } = discussion;
    return discussionSink({
      ...{ repository: access.repository, octokit: await access.octokit(), discussion },
      bodyText: body === undefined ? undefined : await source.file(body).contents(),
      template: template === undefined ? undefined : await readTemplate(source, template),
      notices: noticesOf(pipeline),
      others: threads.filter((thread) => thread !== discussion),
    });
  });
  return {
    name: `discussion ${discussion.name}`,
    preview: async (event) => (await sink()).preview(event),
    tell: async (event) => (await sink()).tell(event),
  };
}

async function readTemplate(source: Release["source"], path: string): Promise<Template> {
  return parseTemplate(await source.file(path).contents(), path);
}

/**
 * Checks the texts that threads are told with, before anybody is.
 *
 * @throws SluiceError `TEMPLATE_INVALID`
 */
export async function checkTemplates({
  pipeline,
  source,
}: Pick<Release, "pipeline" | "source">): Promise<void> {
  const threads = pipeline.announcements.github?.discussions ?? [];
  for (const { template } of threads) {
    if (template !== undefined) await readTemplate(source, template);
  }
}

import type { DeploymentData } from "../../deploy/model.ts";
import { pill } from "./container.ts";
import { html, type Markup } from "./markup.ts";
import { shell } from "./shell.ts";
import { tableCard } from "./table.ts";

/**
 * A deployment as one HTML file: what it brought, what its URL said, what a browser saw.
 *
 * @param screenshots PNG by the name that the browser's manifest has it under
 */
export function toDeploymentHtml(
  data: DeploymentData,
  screenshots: Readonly<Record<string, Uint8Array>>,
): string {
  const { target, commit, seen } = data;
  return shell(
    `${target}: ${commit.slice(0, 12)}`,
    html`${header(data)}
      <h2>Digests</h2>
      ${digests(data)} ${seen.proof ? proofSection(seen.proof) : ""}
      ${seen.browser ? pagesSection(seen.browser, screenshots) : ""}
      ${seen.watch ? watchSection(seen.watch) : ""} ${toldSection(data)}`,
  );
}

function header(data: DeploymentData): Markup {
  const { kind, outcome, reason, target, url, notes } = data;
  const good = outcome !== "failed";
  const done = kind === "rollback" ? "Rolled back" : "Deployed";
  const title = good ? `${done}: ${target}` : `Deployment failed: ${target}`;
  const facts: [string, string | undefined][] = [
    ["commit", data.commit],
    ["release", data.release],
    ["channel", data.channel],
    ["platform's release", data.targetRelease],
    ["ran before", data.previousCommit],
    ["started", data.startedAt],
    ["finished", data.finishedAt],
    ["by", data.by],
  ];
  return html`<header class="card verdict ${good ? "passed" : "failed"}">
    <h1>${title}</h1>
    ${url === undefined ? "" : html`<p><a href="${url}">${url}</a></p>`}
    ${reason === "" ? "" : html`<p>${reason}</p>`}
    ${notes.map((note) => html`<p class="note">${note}</p>`)}
    <dl class="facts">
      ${facts.map(([name, value]) =>
        value === undefined
          ? ""
          : html`<div>
              <dt>${name}</dt>
              <dd><code>${value}</code></dd>
            </div>`,
      )}
    </dl>
  </header>`;
}

function digests({ digests }: DeploymentData): Markup {
  return tableCard(
    ["service", "digest"],
    Object.entries(digests).map(
      ([name, digest]) =>
        html`<tr>
          <td class="name">${name}</td>
          <td><code class="digest">${digest}</code></td>
        </tr>`,
    ),
  );
}

function proofSection(proof: NonNullable<DeploymentData["seen"]["proof"]>): Markup {
  const asked = [...proof.probes, ...(proof.version ? [proof.version] : [])].map(
    ({ path, expected, attempts, state }) =>
      html`<tr>
        <td><code>GET ${path}</code></td>
        <td>${expected}</td>
        <td>${attempts.at(-1)?.error ?? `status ${attempts.at(-1)?.status ?? "–"}`}</td>
        <td>${attempts.length}</td>
        <td>${state === "cut" ? pill("skipped", "cut") : pill(state)}</td>
      </tr>`,
  );
  return html`<h2>What the URL said</h2>
    ${tableCard(["request", "expected", "last answer", "attempts", "result"], asked, [
      html`<p class="note">${proof.reason}</p>`,
    ])}`;
}

function pagesSection(
  { pages }: NonNullable<DeploymentData["seen"]["browser"]>,
  screenshots: Readonly<Record<string, Uint8Array>>,
): Markup {
  return html`<h2>What a browser saw</h2>
    ${pages.map(
      (page) =>
        html`<section class="card">
          <p><code>${page.path}</code> ${pill(page.passed ? "passed" : "failed")} ${page.reason}</p>
          ${picture(screenshots[page.screenshot ?? ""], page.path)}
        </section>`,
    )}`;
}

function picture(png: Uint8Array | undefined, path: string): Markup {
  if (!png) return html``;
  const source = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  return html`<img class="screenshot" alt="Screenshot of ${path}" src="${source}" />`;
}

function watchSection(watch: NonNullable<DeploymentData["seen"]["watch"]>): Markup {
  return html`<h2>How it went on</h2>
    <section class="card">
      <p>${pill(watch.passed ? "passed" : "failed")} ${watch.reason}</p>
    </section>`;
}

function toldSection({ announcement }: DeploymentData): Markup {
  const rows = Object.entries(announcement?.sinks ?? {}).flatMap(
    ([name, { outcome, url, reason }]) =>
      outcome === "skipped"
        ? []
        : [
            html`<tr>
              <td class="name">${name}</td>
              <td>${reason ?? ""}${url === undefined ? "" : html` <a href="${url}">${url}</a>`}</td>
              <td>${pill(outcome === "told" ? "passed" : "skipped", outcome)}</td>
            </tr>`,
          ],
  );
  if (rows.length === 0) return html``;
  return html`<h2>Who was told</h2>
    ${tableCard(["who", "what", "result"], rows)}`;
}

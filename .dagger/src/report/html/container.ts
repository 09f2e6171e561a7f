import type { Failure, FilesReport, ProbeReport } from "../../verify/model.ts";
import { seconds } from "../../verify/seconds.ts";
import { outcomeOf, type Reported } from "../containers.ts";
import { logOf } from "./log.ts";
import { html, type Markup } from "./markup.ts";

/** Everything about one container, or files; open when it did not pass. */
export function containerCard(container: Reported): Markup {
  const { kind, report } = container;
  const { name, state, failure } = report;
  return html`<details class="card" ${state === "failed" ? html`open` : ""}>
    <summary>
      <span class="name">${name}</span> ${pill(state)}
      <span class="what">${kind}, ${outcomeOf(container)}</span>
    </summary>
    ${failure ? failureOf(failure) : ""} ${facts(container)}
    ${kind === "service" ? probesOf(container.report.probes) : ""}
    ${kind === "files" ? filesOf(container.report.files) : logOf(report.log)}
  </details>`;
}

/** The state as a coloured word; `word` says the same in other terms. */
export function pill(state: "passed" | "failed" | "skipped", word: string = state): Markup {
  return html`<span class="pill ${state}">${word}</span>`;
}

function failureOf({ code, expected, found, atMs }: Failure): Markup {
  return html`<div class="failure">
    <strong>${code}</strong> at ${seconds(atMs)}
    <dl>
      <dt>expected</dt>
      <dd>${expected}</dd>
      <dt>got</dt>
      <dd>${found}</dd>
    </dl>
  </div>`;
}

function facts({ kind, report }: Reported): Markup {
  const { durations } = report;
  const times = [
    durations.pull === null ? [] : [`pull ${seconds(durations.pull)}`],
    durations.start === null ? [] : [`start ${seconds(durations.start)}`],
    durations.ready === null ? [] : [`then ${seconds(durations.ready)}`],
  ].flat();
  return html`<dl class="facts">
    <div>
      <dt>image</dt>
      <dd><code>${report.image}</code></dd>
    </div>
    ${
      times.length > 0
        ? html`<div>
            <dt>took</dt>
            <dd>${times.join(", ")}</dd>
          </div>`
        : ""
    }
    ${
      report.exitCode === null
        ? ""
        : html`<div>
            <dt>exit code</dt>
            <dd>${report.exitCode}</dd>
          </div>`
    }
    ${
      kind === "job" && report.command.length > 0
        ? html`<div>
            <dt>command</dt>
            <dd><code>${report.command.join(" ")}</code></dd>
          </div>`
        : ""
    }
  </dl>`;
}

function probesOf(probes: readonly ProbeReport[]): Markup {
  const rows = probes.map((probe) => {
    const last = probe.attempts.at(-1);
    const answer = last === undefined ? "not asked" : (last.error ?? `status ${last.status ?? ""}`);
    return html`<tr>
      <td><code>GET :${probe.port}${probe.path}</code></td>
      <td data-label="expected">${probe.expected}</td>
      <td data-label="last answer">${answer}</td>
      <td data-label="attempts">${probe.attempts.length}</td>
      <td data-label="healthy after">
        ${probe.healthyAfterMs === null ? "–" : seconds(probe.healthyAfterMs)}
      </td>
    </tr>`;
  });
  return html`<h3>Probes</h3>
    <table>
      <thead>
        <tr>
          <th>request</th>
          <th>expected</th>
          <th>last answer</th>
          <th>attempts</th>
          <th>healthy after</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

function filesOf(files: FilesReport["files"]): Markup {
  const rows = files.map(
    ({ name, size, sha256, intact }) =>
      html`<tr>
        <td class="name">${name}</td>
        <td data-label="bytes">${size}</td>
        <td data-label="SHA-256"><code class="digest">${sha256}</code></td>
        <td data-label="result">${intact ? pill("passed", "intact") : pill("failed", "wrong")}</td>
      </tr>`,
  );
  return html`<h3>Files</h3>
    <table>
      <thead>
        <tr>
          <th>file</th>
          <th>bytes</th>
          <th>SHA-256</th>
          <th>result</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

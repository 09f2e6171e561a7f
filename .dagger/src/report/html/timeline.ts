import type { ContainerReport, ProbeReport, Verification } from "../../verify/model.ts";
import { seconds } from "../../verify/seconds.ts";
import { containersOf, type Reported } from "../containers.ts";
import { html, type Markup } from "./markup.ts";

/** Width of a row in its own units; the page stretches it. */
const WIDTH = 1000;
/** Narrowest mark that can still be seen. */
const NARROWEST = 3;

/** When each container was pulled, started and ran, and each attempt of each probe. */
export function timeline(verification: Verification): Markup {
  const total = Math.max(1, verification.durationMs);
  return html`<section class="card">
    <div class="chart">
      ${containersOf(verification).map((container) => rowsOf(container, total))}
      <div class="label corner"></div>
      ${axis(total)}
    </div>
    <p class="legend">
      ${legend("pull", "image pulled")}${legend("start", "container started")}${legend("run", "running")}${legend("good", "expected answer")}${legend("wrong", "other answer, or failure")}${legend("silent", "no answer")}
    </p>
  </section>`;
}

function rowsOf(container: Reported, total: number): Markup[] {
  const { kind, report } = container;
  const probes = kind === "service" ? container.report.probes : [];
  return [
    html`<div class="label">${report.name}</div>
      ${phases(report, total)}`,
    ...probes.map(
      (probe) =>
        html`<div class="label probe">GET ${probe.path}</div>
          ${attempts(probe, report, total)}`,
    ),
  ];
}

function phases(report: ContainerReport, total: number): Markup {
  const { durations, startedAtMs, failure, name, state } = report;
  const bars = [bar("pull", 0, durations.pull ?? 0, total, "pulled", 4, 12)];
  if (startedAtMs !== null) {
    const { start } = durations;
    bars.push(bar("start", startedAtMs - (start ?? 0), start ?? 0, total, "started", 4, 12));
    const end = report.exitCode !== null ? (failure?.atMs ?? endOfJob(report)) : total;
    bars.push(bar("run", startedAtMs, Math.max(0, end - startedAtMs), total, "ran", 4, 12));
  }
  if (failure) bars.push(bar("mark", failure.atMs, 0, total, failure.code, 0, 20));
  return row(`${name}: ${state}`, bars);
}

function endOfJob({ startedAtMs, durations }: ContainerReport): number {
  return (startedAtMs ?? 0) + (durations.ready ?? 0);
}

function attempts(probe: ProbeReport, { startedAtMs }: ContainerReport, total: number): Markup {
  const from = startedAtMs ?? 0;
  const marks = probe.attempts.map(({ atMs, tookMs, status, error }) => {
    const at = seconds(from + atMs);
    const what = `${at}: ${error ?? `status ${status ?? ""}`} (took ${seconds(tookMs)})`;
    const kind = error === null ? "good" : status === null ? "silent" : "wrong";
    // The height tells them apart as well, for those who do not see the colours.
    const [y, height] = kind === "good" ? [2, 16] : kind === "wrong" ? [8, 10] : [13, 5];
    return bar(kind, from + atMs, tookMs, total, what, y, height);
  });
  const label = `GET ${probe.path}: ${probe.attempts.length} attempts, ${probe.passed ? "passed" : "not passed"}`;
  return row(label, marks);
}

function row(label: string, bars: Markup[]): Markup {
  return html`<svg
    viewBox="0 0 ${WIDTH} 20"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    ${bars}
  </svg>`;
}

function bar(
  kind: string,
  fromMs: number,
  ms: number,
  total: number,
  title: string,
  y: number,
  height: number,
): Markup {
  const width = Math.max(NARROWEST, (ms / total) * WIDTH);
  const x = Math.min((fromMs / total) * WIDTH, WIDTH - width);
  const label = ms > 0 && !title.includes(":") ? `${title} in ${seconds(ms)}` : title;
  return html`<rect
    class="${kind}"
    x="${Math.max(0, x).toFixed(1)}"
    y="${y}"
    width="${width.toFixed(1)}"
    height="${height}"
    ><title>${label}</title></rect
  >`;
}

function axis(total: number): Markup {
  const step = niceStep(total);
  const marks = Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);
  return html`<div class="axis">
    ${marks.map((ms) => html`<span style="left:${((ms / total) * 100).toFixed(2)}%">${seconds(ms)}</span>`)}
  </div>`;
}

/** 1, 2 or 5 of some unit, so that there are three to six marks and the last is not at the very edge. */
function niceStep(total: number): number {
  const unit = 10 ** Math.floor(Math.log10(total));
  const steps = [unit / 5, unit / 2, unit, unit * 2];
  return Math.max(1, steps.find((step) => (total * 0.97) / step < 6) ?? unit * 5);
}

function legend(kind: string, words: string): Markup {
  return html`<span
    ><svg viewBox="0 0 12 12" aria-hidden="true">
      <rect class="${kind}" width="12" height="12" rx="2" /></svg
    >${words}</span
  >`;
}

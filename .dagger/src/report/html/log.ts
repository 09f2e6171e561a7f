import type { LogExcerpt } from "../../verify/model.ts";
import { html, type Markup } from "./markup.ts";

/** Words by which programs of many kinds say that something is wrong. */
const TROUBLE =
  /\b(?:error|err|fatal|panic|exception|traceback|failed|failure|refused|denied|critical|emerg|killed|segmentation fault|not found|unable to|cannot|can't|could not)\b|\w(?:Error|Exception)\b/i;

/** The end of a log; lines that look like trouble stand out. */
export function logOf(log: LogExcerpt): Markup {
  if (log.lines.length === 0) return html`<p class="note">It printed nothing.</p>`;
  const earlier =
    log.earlierLines > 0
      ? html`<p class="note">
          ${log.earlierLines} earlier lines are in <code>logs/${log.file ?? ""}</code>.
        </p>`
      : "";
  const omitted =
    log.omittedBytes > 0
      ? html`<p class="note">
          Another ${(log.omittedBytes / 1e6).toFixed(1)} MB were too much to keep.
        </p>`
      : "";
  const lines = log.lines.map(
    (line) =>
      html`<span class="${TROUBLE.test(line) ? "bad" : ""}">${line === "" ? " " : line}</span>`,
  );
  return html`<h3>Log</h3>
    ${earlier}${omitted}
    <pre tabindex="0">${lines}</pre>`;
}

import type { PromotionData } from "../../promote/model.ts";
import type { Verification } from "../../verify/model.ts";
import { seconds } from "../../verify/seconds.ts";
import { containersOf } from "../containers.ts";
import { containerCard, pill } from "./container.ts";
import { html, type Markup as Html } from "./markup.ts";
import { promotionLine, promotionSections } from "./promotion.ts";
import { shell } from "./shell.ts";
import { tableCard } from "./table.ts";
import { timeline } from "./timeline.ts";

/**
 * A verification, and the promotion that it let happen, as one HTML file that needs nothing else: no
 * script, no network.
 */
export function toHtml(verification: Verification, promotion?: PromotionData): string {
  const { commit, passed } = verification;
  const words = promotion ? promotion.channel : passed ? "Passed" : "Failed";
  const title = `${words}: ${commit.slice(0, 12)}`;
  return shell(
    title,
    html`${header(verification, promotion)} ${promotion ? promotionSections(promotion) : html``}
      <h2>Digests</h2>
      ${digests(verification)}
      <h2>Timeline</h2>
      ${timeline(verification)}
      <h2>${verification.files.length > 0 ? "Containers and files" : "Containers"}</h2>
      ${containersOf(verification).map(containerCard)}`,
  );
}

function header(
  { passed, reason, commit, startedAt, durationMs }: Verification,
  promotion: PromotionData | undefined,
): Html {
  const done = promotion?.kind === "rollback" ? "Rolled back" : "Promoted";
  const verified = passed ? "Verification passed" : "Verification failed";
  return html`<header class="card verdict ${passed ? "passed" : "failed"}">
    <h1>${promotion ? done : verified}</h1>
    ${promotion ? html`<p>${promotionLine(promotion)}</p>` : html``}
    <p>${reason}</p>
    <dl class="facts">
      <div>
        <dt>commit</dt>
        <dd><code>${commit}</code></dd>
      </div>
      <div>
        <dt>started</dt>
        <dd>
          <time datetime="${startedAt}">${startedAt.slice(0, 19).replace("T", " ")} UTC</time>
        </dd>
      </div>
      <div>
        <dt>took</dt>
        <dd>${seconds(durationMs)}</dd>
      </div>
    </dl>
  </header>`;
}

function digests({ services, jobs, files }: Verification): Html {
  const rows = [...services, ...jobs, ...files].map(
    ({ name, digest, image, state }) =>
      html`<tr>
        <td class="name">${name}</td>
        <td><code class="digest">${digest}</code></td>
        <td><code>${image.split("@", 1)[0]}</code></td>
        <td>${pill(state)}</td>
      </tr>`,
  );
  return tableCard(["service", "digest", "pulled from", "result"], rows);
}

import { html, type Markup } from "./markup.ts";

/**
 * A table on a card.
 *
 * @param headings one for each column
 * @param rows whole rows, `<tr>` and all
 */
export function tableCard(
  headings: readonly string[],
  rows: readonly Markup[],
  below: readonly Markup[] = [],
): Markup {
  return html`<section class="card">
    <table>
      <thead>
        <tr>
          ${headings.map((heading) => html`<th>${heading}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${below}
  </section>`;
}

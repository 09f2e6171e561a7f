import type { Page } from "puppeteer-core";
import type { PipelinePage } from "../../pipeline/model.ts";

/**
 * What a page doesn't show of what it has to, right now. In texts, case and spacing don't count:
 * styles may change both.
 */
export async function missing(page: Page, { text, selector }: PipelinePage): Promise<string[]> {
  const problems: string[] = [];
  if (text !== undefined && !plain(await visibleText(page)).includes(plain(text))) {
    problems.push(`the text ${JSON.stringify(text)} is not visible`);
  }
  if (selector !== undefined && !(await isVisible(page, selector))) {
    problems.push(`nothing that matches ${JSON.stringify(selector)} is visible`);
  }
  return problems;
}

/** Not a function: what a bundler adds to it would be missing in the page. */
async function visibleText(page: Page): Promise<string> {
  return String(await page.evaluate("document.body?.innerText ?? ''"));
}

async function isVisible(page: Page, selector: string): Promise<boolean> {
  const elements = await page.$$(selector);
  const visible = await Promise.all(elements.map((element) => element.isVisible()));
  return visible.includes(true);
}

function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim().toLowerCase();
}

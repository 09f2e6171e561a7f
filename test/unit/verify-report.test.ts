import { describe, expect, test } from "vitest";
import { reportFiles } from "../../.dagger/src/report/files.ts";
import { escapeMarkup, html } from "../../.dagger/src/report/html/markup.ts";
import { toHtml } from "../../.dagger/src/report/html/page.ts";
import { fromJson, toJson } from "../../.dagger/src/report/json.ts";
import { toJUnit } from "../../.dagger/src/report/junit.ts";
import { toSummary } from "../../.dagger/src/report/summary.ts";
import type { Verification } from "../../.dagger/src/verify/model.ts";
import { failedVerification, passedVerification } from "../support/verifications.ts";

/** Everything that people or services can put into a verification, hostile. */
function hostile(text: string): Verification {
  const failure = {
    code: "PROBE_BODY" as const,
    expected: text,
    found: text,
    reason: text,
    atMs: 1,
  };
  return {
    ...failedVerification,
    commit: text,
    reason: text,
    services: failedVerification.services.map((service) => ({
      ...service,
      name: text,
      image: text,
      failure,
      log: { ...service.log, lines: [text], file: text },
      probes: service.probes.map((probe) => ({
        ...probe,
        path: text,
        expected: text,
        attempts: [{ atMs: 0, tookMs: 1, status: 200, error: text }],
      })),
    })),
    jobs: failedVerification.jobs.map((job) => ({
      ...job,
      name: text,
      command: [text],
      skippedBecause: text,
    })),
  };
}

describe("the JSON report", () => {
  test("is read back as it was", () => {
    expect(fromJson(toJson(failedVerification))).toEqual(failedVerification);
  });

  test("of another version is refused", () => {
    const text = toJson(failedVerification).replace('"version": 1', '"version": 2');
    expect(() => fromJson(text)).toThrow(/version/);
  });
});

describe("the HTML report", () => {
  test("escapes whatever services answer, print, or are called", () => {
    const page = toHtml(hostile(`<img src=x onerror=alert(1)>"'&</pre></style></title>`));
    expect(page).not.toContain("<img");
    expect(page).not.toMatch(/<\/pre><\/style>/);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;");
  });

  test("needs nothing from elsewhere and runs nothing", () => {
    const page = toHtml(failedVerification);
    expect(page).not.toMatch(/<(?:script|link|img|iframe|object)\b/);
    expect(page).not.toMatch(/\b(?:src|href)=/);
    expect(page).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`,
    );
  });

  test("shows the verdict, the digests, every attempt, and the lines that look like trouble", () => {
    const page = toHtml(failedVerification);
    expect(page).toContain("Verification failed");
    for (const { digest } of failedVerification.services) expect(page).toContain(digest);
    expect(page.match(/<rect\s+class="wrong"/g)?.length).toBeGreaterThanOrEqual(31);
    expect(page).toMatch(/<span class="bad"\s*>[^<]*connect\(\) failed/);
    expect(page).toContain("Verification failed");
    expect(toHtml(passedVerification)).toContain("Verification passed");
  });

  test("opens what failed, and leaves closed what passed", () => {
    const open = (page: string) => page.match(/<details class="card" open/g)?.length ?? 0;
    expect(open(toHtml(failedVerification))).toBe(2);
    expect(open(toHtml(passedVerification))).toBe(0);
  });

  test("of a verification without time or containers is still a page", () => {
    const empty = {
      ...passedVerification,
      durationMs: 0,
      services: [],
      jobs: [],
      dependencies: [],
    };
    expect(toHtml(empty)).toContain("</html>");
    expect(toHtml(empty)).not.toContain("NaN");
  });
});

describe("the JUnit report", () => {
  test("counts and names what failed and what was skipped", () => {
    const xml = toJUnit(failedVerification);
    expect(xml).toContain('tests="5" failures="2" errors="0" skipped="1" time="12.411"');
    expect(xml).toContain('<failure type="SERVICE_EXITED" message="mailer: ended before it was');
    expect(xml).toContain('<skipped message="it needs frontend"/>');
  });

  test("stays well-formed, whatever is in it", () => {
    const xml = toJUnit(hostile(`]]></failure><a b="'&\u0000\u001b[31m\ud800`));
    expect(xml).not.toContain("<a b");
    expect(xml).not.toContain("]]></failure>");
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  });
});

describe("the summary", () => {
  test("begins with the verdict on one line", () => {
    expect(toSummary(passedVerification).split("\n")[0]).toBe(
      "✔ passed: 1 service healthy, 1 job passed in 5.2 s",
    );
  });

  test("shows what was expected, what came, and the last output of what failed", () => {
    const summary = toSummary(failedVerification);
    expect(summary).toContain("expected  status 200 from GET :8080/ within 10 s");
    expect(summary).toContain(`got       status 502: <h1>Bad "gateway"</h1> & more`);
    expect(summary).toContain("      | 2026/03/04 05:06:12 [error] 22#22");
    expect(summary).toContain("– scraper   skipped: it needs frontend");
  });
});

test("a report is a set of files, logs among them", () => {
  const files = reportFiles({
    verification: failedVerification,
    logs: { "backend.log": "listening\n" },
  });
  expect(Object.keys(files)).toEqual([
    "verification.json",
    "junit.xml",
    "report.html",
    "summary.txt",
    "logs/backend.log",
  ]);
});

test("markup is put in as it is, text is escaped", () => {
  expect(html`<b>${"<"}${html`<i>${1}</i>`}${["&", null]}</b>`.text).toBe(
    "<b>&lt;<i>1</i>&amp;</b>",
  );
  expect(escapeMarkup("a\u0000b\ud800c")).toBe("a\ufffdb\ufffdc");
});

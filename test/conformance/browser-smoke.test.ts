import { createHash } from "node:crypto";
import { dag, type Service } from "@dagger.io/dagger";
import { beforeAll, describe, expect, test } from "vitest";
import type { PipelinePage } from "../../.dagger/src/pipeline/model.ts";
import { browserManifest } from "../../.dagger/src/prove/browser/manifest.ts";
import {
  browserSmoke,
  type BrowserSmoke,
  type BrowserSmokeOptions,
} from "../../.dagger/src/prove/browser/smoke.ts";
import { nonce } from "../support/containers.ts";
import { pngSize } from "../support/png.ts";
import { webContainer } from "../support/web.ts";

const headSha = "2a".repeat(20);
const url = "http://shop:8080/";

const html = (body: string, head = "") =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>${head}</head><body>${body}</body></html>`;

const files: Record<string, string> = {
  "index.html": html(
    '<main id="app"></main><script src="/app.js"></script>',
    `<meta http-equiv="Content-Security-Policy" content="script-src 'self'">
     <style>h1 { color: #060; text-transform: uppercase } .off { display: none }</style>`,
  ),
  "app.js": `setTimeout(() => {
    document.querySelector("#app").innerHTML =
      '<h1>Welcome to the   shop</h1><p class="off">sold out</p><ul class="articles"><li>Tea</li></ul>';
  }, 300);`,
  "throws.html": html("<h1>Cart</h1><script>setTimeout(() => { cart.open() }, 50)</script>"),
  "rejects.html": html("<h1>Cart</h1><script>Promise.reject(new Error('no stock'))</script>"),
  "complains.html": html(
    '<h1>Fine</h1><script>console.error("old browser"); fetch("http://nowhere.invalid/x").catch(() => 0)</script>',
  ),
  "api.html": html('<h1>Fine</h1><script>fetch("/cgi-bin/failing?token=abc")</script>'),
  "script.html": html('<h1>Fine</h1><script src="/missing.js"></script>'),
  "asks.html": html('<script>alert("really?")</script><h1>After the question</h1>'),
  "leaves.html": html('<script>location.href = "http://other:8080/"</script>'),
  "spins.html": html("<h1>Spins</h1><script>onload = () => { for (;;); }</script>"),
};

function page(path: string, own: Partial<PipelinePage> = {}): PipelinePage {
  return { path, text: undefined, selector: undefined, deadlineMs: undefined, ...own };
}

/** Serves the pages under a name of its own, so that tests share no server. */
function shop(): Service {
  const served = Object.entries(files)
    .reduce((self, [name, text]) => self.withNewFile(name, text), dag.directory())
    .withNewFile(
      "cgi-bin/failing",
      '#!/bin/sh\nprintf "Status: 500 Broken\\r\\nContent-Type: text/plain\\r\\n\\r\\nno stock"\n',
      { permissions: 0o755 },
    );
  return webContainer(served).withEnvVariable("TEST_SHOP", nonce()).asService();
}

async function smoke(
  pages: PipelinePage[],
  own: Partial<BrowserSmokeOptions> = {},
): Promise<BrowserSmoke & { lines: string[] }> {
  const lines: string[] = [];
  const bindings = { shop: shop() };
  const seen = await browserSmoke({
    ...{ url, headSha, bindings, deadlineMs: 20_000 },
    onProgress: (line) => lines.push(line),
    pages,
    ...own,
  });
  return { ...seen, lines };
}

describe("a page that is as it should be", () => {
  let seen: Awaited<ReturnType<typeof smoke>>;
  beforeAll(async () => {
    seen = await smoke([
      page("/", { text: "welcome to the shop", selector: "ul.articles > li" }),
      page("/complains.html?from=mail", { text: "Fine" }),
      page("/asks.html", { text: "After the question" }),
    ]);
  });

  test("passes once it shows its text and its element, with a policy against scripts, too", () => {
    const { manifest, lines } = seen;
    expect(
      manifest.pages.map(({ path, status, passed, reason }) => [path, status, passed, reason]),
    ).toEqual([
      ["/", 200, true, "it looks as expected"],
      ["/complains.html?from=mail", 200, true, "it looks as expected"],
      ["/asks.html", 200, true, "it looks as expected"],
    ]);
    expect(manifest).toMatchObject({ version: 1, headSha, url, passed: true });
    expect(manifest.reason).toBe(`as expected in a browser: 3 pages of ${url}`);
    expect(lines[0]).toBe(`${manifest.browser ?? ""} opens ${url}`);
    expect(manifest.browser).toMatch(/^(?:Headless)?Chrome\/\d+\./);
  });

  test("leaves a picture of its own, whose checksum the manifest has", () => {
    const { manifest, files: left } = seen;
    expect(Object.keys(left).sort()).toEqual([
      "manifest.json",
      "screenshots/1-home.png",
      "screenshots/2-complains-html-from-mail.png",
      "screenshots/3-asks-html.png",
    ]);
    for (const { screenshot, sha256 } of manifest.pages) {
      const bytes = left[screenshot ?? ""] as Uint8Array;
      expect(pngSize(bytes)).toEqual({ width: 1280, height: 800 });
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
    }
    expect(new Set(manifest.pages.map(({ sha256 }) => sha256)).size).toBe(3);
  });

  test("leaves a manifest that can be read again", () => {
    const text = seen.files["manifest.json"] as string;
    expect(browserManifest.parse(JSON.parse(text))).toEqual(seen.manifest);
  });

  test("may complain to the console, and miss what is elsewhere: both are told", () => {
    const complaining = seen.manifest.pages[1];
    expect(complaining?.consoleErrors[0]).toBe("old browser");
    expect(complaining?.failedRequests).toEqual([
      "GET http://nowhere.invalid/x: net::ERR_NAME_NOT_RESOLVED",
    ]);
  });
});

describe("a page fails, with a picture", () => {
  let seen: Awaited<ReturnType<typeof smoke>>;
  const failing: [string, PipelinePage, string | RegExp][] = [
    [
      "that doesn't show its text",
      page("/", { text: "sold out", deadlineMs: 3000 }),
      'the text "sold out" is not visible within 3 s',
    ],
    [
      "whose element is there and can't be seen",
      page("/", { selector: "p.off", deadlineMs: 3000 }),
      'nothing that matches "p.off" is visible within 3 s',
    ],
    ["that is not there", page("/nowhere"), "status 404, expected less than 400"],
    [
      "that throws what it doesn't catch",
      page("/throws.html", { text: "Cart" }),
      "an uncaught exception: cart is not defined",
    ],
    [
      "that rejects what it doesn't catch",
      page("/rejects.html", { text: "Cart" }),
      "an uncaught exception: no stock",
    ],
    [
      "whose own server fails behind it",
      page("/api.html"),
      "a request failed: GET http://shop:8080/cgi-bin/failing: status 500",
    ],
    [
      "whose script is missing",
      page("/script.html"),
      "a request failed: GET http://shop:8080/missing.js: status 404",
    ],
    [
      "whose selector is none",
      page("/", { selector: "ul[", deadlineMs: 3000 }),
      /^it can't be looked at: .*ul\[.* within 3 s$/,
    ],
  ];
  beforeAll(async () => {
    seen = await smoke(failing.map(([, wanted]) => wanted));
  });

  test.each(failing.map(([name, , reason], index) => [name, index, reason] as const))(
    "%s",
    (_, index, reason) => {
      const result = seen.manifest.pages[index];
      expect(result?.passed).toBe(false);
      if (typeof reason === "string") expect(result?.reason).toBe(reason);
      else expect(result?.reason).toMatch(reason);
      const picture = seen.files[result?.screenshot ?? ""] as Uint8Array;
      expect(pngSize(picture)).toEqual({ width: 1280, height: 800 });
    },
  );

  test("and the verdict names the first one", () => {
    const { manifest } = seen;
    expect(manifest.passed).toBe(false);
    expect(manifest.reason).toBe(
      `8 of 8 pages of ${url} failed: /: the text "sold out" is not visible within 3 s`,
    );
    expect(JSON.stringify(manifest)).not.toContain("token=abc");
  });
});

test("a page that never rests fails at its deadline, and those after it are still opened", async () => {
  const { manifest } = await smoke([
    page("/spins.html", { text: "Spins", deadlineMs: 4000 }),
    page("/", { text: "welcome" }),
  ]);
  expect(manifest.pages.map(({ passed }) => passed)).toEqual([false, true]);
  expect(manifest.pages[0]?.reason).toMatch(/within 4 s$/);
});

test("a page that leads to another host fails", async () => {
  const { manifest } = await smoke([page("/leaves.html")], {
    bindings: { shop: shop(), other: shop() },
  });
  expect(manifest.pages[0]?.reason).toMatch(/^it led to other:8080, which is another host/);
});

test("an address of this machine itself is explained to be out of reach", async () => {
  const { manifest, files: left } = await smoke([page("/")], { url: "http://127.0.0.1:8080/" });
  expect(manifest.passed).toBe(false);
  expect(manifest.pages[0]?.reason).toMatch(
    /^net::ERR_CONNECTION_REFUSED.*the browser runs in a container, where 127\.0\.0\.1 is the container itself\)$/,
  );
  expect(Object.keys(left)).toContain("screenshots/1-home.png");
});

test("a browser that can't be started is a smoke that failed, not an error", async () => {
  const { manifest, files: left } = await smoke([page("/"), page("/throws.html")], {
    image: "busybox:stable",
  });
  expect(manifest).toMatchObject({ passed: false, browser: null });
  expect(manifest.pages.map(({ passed }) => passed)).toEqual([false, false]);
  expect(manifest.reason).toContain("the browser did not start: ");
  expect(Object.keys(left)).toEqual(["manifest.json"]);
});

test("an interruption ends it between two pages", async () => {
  const stop = new AbortController();
  const { manifest } = await smoke([page("/"), page("/throws.html")], {
    signal: stop.signal,
    onProgress: (line) => {
      if (line.includes(" /: ")) stop.abort();
    },
  });
  expect(manifest.pages.map(({ reason }) => reason)).toEqual([
    "it looks as expected",
    "it was interrupted",
  ]);
  expect(manifest.passed).toBe(false);
});

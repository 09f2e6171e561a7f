import { describe, expect, it } from "vitest";
import { withEvent } from "../../.dagger/src/announce/markdown.ts";
import { deployedEvent } from "../support/releaseEvents.ts";

const first = deployedEvent();
const second = deployedEvent({ id: "deployment live 13 deployed" });

describe("a log of releases", () => {
  it("is begun where there is none, and has the newest on top", () => {
    const one = withEvent(undefined, first, "## First\n");
    expect(one).toBe(
      "# Releases of shop\n\n<!-- sluice:event deployment live 12 deployed -->\n## First\n",
    );
    expect(withEvent(one, second, "## Second")).toBe(
      `# Releases of shop

<!-- sluice:event deployment live 13 deployed -->
## Second

<!-- sluice:event deployment live 12 deployed -->
## First
`,
    );
  });

  it("has each event once, and an event that it has changes nothing", () => {
    const log = withEvent(withEvent("", first, "## First"), second, "## Second");
    expect(withEvent(log, first, "## Again")).toBe(log);
    expect(withEvent(log, second, "## Again")).toBe(log);
  });

  it("leaves above its entries what people wrote there", () => {
    const own = "# What we shipped\n\nSee [the runbook](runbook.md).\n";
    const log = withEvent(withEvent(own, first, "## First"), second, "## Second");
    expect(log.startsWith(`${own}\n<!-- sluice:event deployment live 13 deployed -->`)).toBe(true);
    expect(log.endsWith("## First\n")).toBe(true);
  });

  it("keeps the line ends that it has", () => {
    const own = "# What we shipped\r\n";
    const log = withEvent(withEvent(own, first, "## First\n\ntext"), second, "## Second");
    expect(log.replaceAll("\r\n", "")).not.toContain("\n");
    expect(withEvent(log, first, "## Again")).toBe(log);
    expect(log.indexOf("## Second")).toBeLessThan(log.indexOf("## First"));
  });

  it("does not take a mark within a line for an event", () => {
    const log = "we told `<!-- sluice:event deployment live 12 deployed -->` already\n";
    expect(withEvent(log, first, "## First")).toContain("\n## First\n");
  });
});

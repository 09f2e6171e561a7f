import { describe, expect, it } from "vitest";
import { announce, preview, retryQueued } from "../../.dagger/src/announce/announce.ts";
import { announcementSchema, type Announcement } from "../../.dagger/src/announce/announcement.ts";
import type { ReleaseEvent } from "../../.dagger/src/announce/event.ts";
import type { Sink } from "../../.dagger/src/announce/sink.ts";
import { SluiceError } from "../../.dagger/src/error.ts";
import { deployedEvent } from "../support/releaseEvents.ts";

/** Somebody who is told, or fails as `failures` says, in turn. */
function listener(name: string, ...failures: (Error | undefined)[]) {
  const heard: string[] = [];
  const sink: Sink = {
    name,
    preview: async ({ id }) => `${name} would hear ${id}`,
    tell: async ({ id }) => {
      const failure = failures.shift();
      if (failure) throw failure;
      heard.push(id);
      return { what: `heard ${id}`, url: `https://example.com/${name}` };
    },
  };
  return { sink, heard };
}

const uninterested: Sink = {
  name: "uninterested",
  preview: async () => undefined,
  tell: async () => undefined,
};
const down = () =>
  new SluiceError("GITHUB_UNAVAILABLE", "https://api.github.com answered 502\nmore", {
    hint: "try again",
  });
const event = (number: number): ReleaseEvent =>
  deployedEvent({ id: `deployment live ${number}`, at: `2026-11-21T14:00:0${number}.000Z` });
const queued = (number: number, ...names: string[]): Announcement => ({
  event: event(number),
  sinks: Object.fromEntries(names.map((name) => [name, { outcome: "queued", reason: "down" }])),
});

function progress() {
  const lines: string[] = [];
  return { lines, onProgress: (line: string) => void lines.push(line) };
}

describe("an announcement", () => {
  it("says of each sink whether it was told, and is data that can be kept", async () => {
    const { lines, onProgress } = progress();
    const failing = listener("failing", down());
    const fine = listener("fine");
    const said = await announce(event(1), [failing.sink, uninterested, fine.sink], onProgress);
    expect(said).toEqual({
      event: event(1),
      sinks: {
        failing: {
          outcome: "queued",
          reason: "https://api.github.com answered 502 [GITHUB_UNAVAILABLE] (next: try again)",
        },
        uninterested: { outcome: "skipped" },
        fine: {
          ...{ outcome: "told", reason: "heard deployment live 1" },
          url: "https://example.com/fine",
        },
      },
    });
    expect(announcementSchema.parse(JSON.parse(JSON.stringify(said)))).toEqual(said);
    expect(lines.sort()).toEqual([
      "failing could not be told, and will be by the next run: https://api.github.com answered 502 [GITHUB_UNAVAILABLE] (next: try again)",
      "fine: heard deployment live 1: https://example.com/fine",
    ]);
  });

  it("survives a sink that throws what is no error, at once too", async () => {
    const rude: Sink = {
      name: "rude",
      preview: () => {
        throw new TypeError("no preview\nsecond line");
      },
      tell: () => {
        throw new TypeError("broken\nsecond line");
      },
    };
    const { onProgress } = progress();
    const { sinks } = await announce(event(1), [rude], onProgress);
    expect(sinks).toEqual({ rude: { outcome: "queued", reason: "broken" } });
    expect(await preview(event(1), [rude])).toEqual({
      rude: "would not be told now: no preview",
    });
  });
});

describe("a preview", () => {
  it("is the text of each sink that cares, and the reason of one that can't be told", async () => {
    const broken: Sink = { ...uninterested, name: "broken", preview: () => Promise.reject(down()) };
    const fine = listener("fine");
    expect(await preview(event(1), [uninterested, broken, fine.sink])).toEqual({
      broken:
        "would not be told now: https://api.github.com answered 502 [GITHUB_UNAVAILABLE] (next: try again)",
      fine: "fine would hear deployment live 1",
    });
    expect(fine.heard).toEqual([]);
  });
});

describe("what is queued", () => {
  it("is told again to those who did not hear it, the oldest event first", async () => {
    const { onProgress } = progress();
    const [a, b] = [listener("a"), listener("b")];
    const known: Announcement[] = [
      queued(2, "a", "b"),
      queued(1, "a"),
      { event: event(3), sinks: { a: { outcome: "told" }, b: { outcome: "skipped" } } },
    ];
    const before = structuredClone(known);
    const retried = await retryQueued(known, [a.sink, b.sink], onProgress);
    expect(a.heard).toEqual(["deployment live 1", "deployment live 2"]);
    expect(b.heard).toEqual(["deployment live 2"]);
    expect(
      retried.map((one) => [one.event.id, Object.values(one.sinks).map((s) => s.outcome)]),
    ).toEqual([
      ["deployment live 1", ["told"]],
      ["deployment live 2", ["told", "told"]],
    ]);
    expect(known).toEqual(before);
  });

  it("is what the newest word on an event and a sink says", async () => {
    const { onProgress } = progress();
    const [a, b] = [listener("a"), listener("b")];
    const told: Announcement = { event: event(1), sinks: { a: { outcome: "told" } } };
    const retried = await retryQueued(
      [queued(1, "a", "b"), told, queued(2, "a"), { ...told, event: event(2) }, queued(2, "a")],
      [a.sink, b.sink],
      onProgress,
    );
    expect(a.heard).toEqual(["deployment live 2"]);
    expect(b.heard).toEqual(["deployment live 1"]);
    expect(retried[0]!.sinks).toMatchObject({ a: { outcome: "told" }, b: { outcome: "told" } });
    expect(await retryQueued([queued(1, "a"), ...retried], [a.sink, b.sink], onProgress)).toEqual(
      [],
    );
  });

  it("stays so for a sink that isn't there, and one that is down is asked once", async () => {
    const { onProgress, lines } = progress();
    const a = listener("a", down());
    const retried = await retryQueued(
      [queued(1, "a", "gone"), queued(2, "a"), queued(3, "a")],
      [a.sink],
      onProgress,
    );
    expect(retried).toEqual([]);
    expect(a.heard).toEqual([]);
    expect(lines).toHaveLength(1);
  });

  it("does not wait for an event that its sink refuses", async () => {
    const { onProgress } = progress();
    const a = listener("a", new SluiceError("GITHUB_REFUSED", "Body is too long"));
    const retried = await retryQueued([queued(1, "a"), queued(2, "a")], [a.sink], onProgress);
    expect(a.heard).toEqual(["deployment live 2"]);
    expect(retried.map((one) => one.event.id)).toEqual(["deployment live 2"]);
  });
});

import { describe, expect, it } from "vitest";
import { notesOf } from "../../.dagger/src/announce/notes.ts";
import { changeEventOf, withNotes } from "../../.dagger/src/announce/recorded-event.ts";
import type { ChangeRecord, Entry } from "../../.dagger/src/ledger/model.ts";

describe("what operators add", () => {
  it("has a heading each, and several of one heading are lines of it", () => {
    expect(
      notesOf("Root cause: a full disk, again\n\nFollow-up: an alert\r\nFollow-up: at 80 %\n"),
    ).toEqual({ "Root cause": "a full disk, again", "Follow-up": "an alert\nat 80 %" });
  });

  it("is nothing where nothing is given", () => {
    expect(notesOf(undefined)).toEqual({});
    expect(notesOf("")).toEqual({});
  });

  it.each([["no heading"], [": no heading"], ["no text:"], [`${"x".repeat(61)}: y`]])(
    "is refused without a heading or a text: %j",
    (note) => {
      expect(() => notesOf(`Root cause: a full disk\n${note}`)).toThrow(
        /expected a heading and a text/,
      );
    },
  );
});

describe("an event of the ledger", () => {
  const commit = "a".repeat(40);
  const record: ChangeRecord = {
    ...{ version: 1, pipeline: "shop", at: "2026-01-31T12:00:00.000Z", by: "ann" },
    ...{ kind: "promotion", channel: "prod", tag: "prod", commit, state: "finished" },
    ...{ moves: [], holds: { commit, digests: {} }, held: null, blocked: [], gates: [] },
  };
  const entry: Entry<ChangeRecord> = {
    ...{ stream: "channel.prod", sequence: 4, digest: "sha256:0", previous: null, record },
  };

  it("is the same one each time", () => {
    expect(changeEventOf(entry, {})).toEqual(changeEventOf(entry, {}));
    expect(changeEventOf(entry, {})).toMatchObject({ id: "promotion prod 4", kind: "promoted" });
  });

  it("is another one when operators have more to say, about the same", () => {
    const event = changeEventOf(entry, {});
    const more = withNotes(event, { "Root cause": "a full disk" });
    expect(more.id).toMatch(/^promotion prod 4\+[0-9a-f]{12}$/);
    expect(withNotes(event, {})).toBe(event);
    expect(withNotes(event, { "Root cause": "a full disk" }).id).toBe(more.id);
  });
});

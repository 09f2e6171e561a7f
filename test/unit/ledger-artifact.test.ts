import { describe, expect, it } from "vitest";
import {
  type Content,
  fileLayer,
  linkOf,
  readLink,
  recordLayer,
} from "../../.dagger/src/ledger/artifact.ts";
import { canonicalJson } from "../../.dagger/src/ledger/canonical.ts";

const bytes = Buffer.from(canonicalJson({ kind: "approval", note: "ä" }));
const content: Content = {
  pipeline: "shop",
  kind: "approval",
  at: "2026-11-21T10:00:00.000Z",
  layers: [recordLayer("approval", bytes), fileLayer("logs/a.log", Buffer.from("up\n"))],
};

describe("the manifest of a record", () => {
  it("is an OCI artifact with the record in it, and its files named as ORAS names them", () => {
    const first = linkOf(content, "channel.prod", undefined);
    const { manifest } = linkOf(content, "channel.prod", first);
    expect(JSON.parse(Buffer.from(manifest.bytes).toString())).toEqual({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      artifactType: "application/vnd.sluice.record.v1+json",
      config: {
        mediaType: "application/vnd.oci.empty.v1+json",
        digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        size: 2,
      },
      layers: [
        {
          mediaType: "application/vnd.sluice.approval.v1+json",
          digest: expect.stringMatching(/^sha256:/) as string,
          size: bytes.length,
          data: bytes.toString("base64"),
        },
        {
          mediaType: "application/octet-stream",
          digest: expect.stringMatching(/^sha256:/) as string,
          size: 3,
          annotations: { "org.opencontainers.image.title": "logs/a.log" },
        },
      ],
      annotations: {
        "dev.sluice.kind": "approval",
        "dev.sluice.pipeline": "shop",
        "dev.sluice.stream": "channel.prod",
        "dev.sluice.sequence": "2",
        "dev.sluice.previous": first.digest,
        "org.opencontainers.image.created": "2026-11-21T10:00:00.000Z",
      },
    });
  });

  it("is read back as it was written", () => {
    const first = linkOf(content, "channel.prod", undefined);
    const second = linkOf(content, "channel.prod", first);
    expect(readLink(first.manifest)).toEqual(first);
    expect(readLink(second.manifest)).toEqual(second);
  });

  it("is the same bytes, whoever writes it from what they read", () => {
    const read = readLink(linkOf(content, "channel.prod", undefined).manifest)!;
    expect(linkOf(read, "channel.prod", read)).toEqual(linkOf(content, "channel.prod", read));
  });

  it.each(["", "[]", "{}", '{"schemaVersion":2,"layers":[]}'])("is not %j", (text) => {
    const manifest = { mediaType: "x", digest: "y", bytes: new Uint8Array(Buffer.from(text)) };
    expect(readLink(manifest)).toBeUndefined();
  });
});

it("JSON is canonical whatever the order of keys", () => {
  expect(canonicalJson({ b: [{ d: 1, c: "ä" }], a: null, e: undefined })).toBe(
    '{"a":null,"b":[{"c":"ä","d":1}]}',
  );
});

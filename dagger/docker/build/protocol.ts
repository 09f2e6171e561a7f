import { parse, type Type } from "protobufjs";
import { z } from "zod";

/**
 * The part of BuildKit's protocol that a build with the daemon's own BuildKit needs. Kept as text
 * in the source, so that the bundled engine has no files to look for.
 */
const { root } = parse(`
syntax = "proto3";
package sluice;

message GetSecretRequest { string ID = 1; map<string, string> annotations = 2; }
message GetSecretResponse { bytes data = 1; }

message CredentialsRequest { string Host = 1; }
message CredentialsResponse { string Username = 1; string Secret = 2; }

message Stat {
  string path = 1; uint32 mode = 2; uint32 uid = 3; uint32 gid = 4; int64 size = 5;
  int64 modTime = 6; string linkname = 7;
}
message Packet { int32 type = 1; Stat stat = 2; uint32 ID = 3; bytes data = 4; }

message HealthCheckRequest { string service = 1; }
message HealthCheckResponse { int32 status = 1; }

message Timestamp { int64 seconds = 1; int32 nanos = 2; }
message Vertex {
  string digest = 1; repeated string inputs = 2; string name = 3; bool cached = 4;
  Timestamp started = 5; Timestamp completed = 6; string error = 7;
}
message VertexLog { string vertex = 1; Timestamp timestamp = 2; int64 stream = 3; bytes msg = 4; }
message VertexWarning { string vertex = 1; int64 level = 2; bytes short = 3; }
message StatusResponse {
  repeated Vertex vertexes = 1; repeated VertexLog logs = 3; repeated VertexWarning warnings = 4;
}
`);

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** Encodes and decodes one message type. */
export interface Message<T> {
  encode: (value: T) => Buffer;
  decode: (bytes: Uint8Array) => T;
}

function message<T>(name: string, schema: z.ZodType<T>): Message<T> {
  const type: Type = root.lookupType(`sluice.${name}`);
  return {
    encode: (value) => Buffer.from(type.encode(value as Record<string, unknown>).finish()),
    decode: (bytes) =>
      schema.parse(type.toObject(type.decode(bytes), { defaults: true, longs: Number })),
  };
}

export const SecretRequest = message("GetSecretRequest", z.object({ ID: z.string() }));
export const SecretResponse = message("GetSecretResponse", z.object({ data: bytes }));
export const CredentialsRequest = message("CredentialsRequest", z.object({ Host: z.string() }));
export const CredentialsResponse = message(
  "CredentialsResponse",
  z.object({ Username: z.string(), Secret: z.string() }),
);
export const HealthRequest = message("HealthCheckRequest", z.object({}));
export const HealthResponse = message("HealthCheckResponse", z.object({ status: z.number() }));

const stat = z.object({
  path: z.string(),
  /** Go's `fs.FileMode`. */
  mode: z.number(),
  uid: z.number(),
  gid: z.number(),
  size: z.number(),
  /** Nanoseconds since the epoch: more than a JavaScript number can tell apart. */
  modTime: z.union([z.number(), z.object({ low: z.number(), high: z.number() })]),
  linkname: z.string(),
});

export type FileStat = z.infer<typeof stat>;

/** One message of the file synchronisation between a build and its client. */
export const Packet = message(
  "Packet",
  z.object({
    type: z.number(),
    stat: stat.nullish(),
    ID: z.number(),
    data: bytes,
  }),
);

const time = z.object({ seconds: z.number(), nanos: z.number() }).nullish();

/** What BuildKit reports while it works. */
export const Status = message(
  "StatusResponse",
  z.object({
    vertexes: z.array(
      z.object({
        digest: z.string(),
        name: z.string(),
        cached: z.boolean(),
        started: time,
        completed: time,
        error: z.string(),
      }),
    ),
    logs: z.array(z.object({ vertex: z.string(), stream: z.number(), msg: bytes })),
    warnings: z.array(z.object({ short: bytes })),
  }),
);

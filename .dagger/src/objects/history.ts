import { func, object } from "@dagger.io/dagger";
import { z } from "zod";
import { type Entry, recordSchema } from "../ledger/model.ts";
import { jsonText } from "../report/output.ts";
import { historySummary } from "../status/history.ts";

/** Records of the ledger, newest first. */
@object()
export class History {
  readonly data: string;

  constructor(data: string) {
    this.data = data;
  }

  /** The object that stands for records. */
  static of(entries: readonly Entry[]): History {
    return new History(jsonText(entries));
  }

  /** Every record with its place in the ledger, as JSON. */
  @func()
  json(): string {
    return this.data;
  }

  /** A line for each record, for people. */
  @func()
  summary(): string {
    return historySummary(entries.parse(JSON.parse(this.data)));
  }
}

const entries = z.array(
  z.strictObject({
    stream: z.string(),
    sequence: z.number(),
    digest: z.string(),
    previous: z.string().nullable(),
    record: recordSchema,
  }),
);

import { func, object } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
import { jsonText } from "../report/output.ts";
import { type Status as StatusData, statusSchema } from "../status/model.ts";
import { statusSummary } from "../status/summary.ts";

/** What each channel holds, by the ledger and in every registry. */
@object()
export class Status {
  readonly data: string;

  constructor(data: string) {
    this.data = data;
  }

  /** The object that stands for a status. */
  static of(status: StatusData): Status {
    return new Status(jsonText(status));
  }

  /** Each channel with what it holds, digest of each tag, lock, branch and drift, as JSON. */
  @func()
  json(): string {
    return this.data;
  }

  /** The same for people; what is not as the ledger says is marked and explained. */
  @func()
  summary(): string {
    return statusSummary(read(this.data));
  }

  /** Fails when anything is not as the ledger says. */
  @func()
  enforce(): void {
    const [first, ...others] = read(this.data).channels.flatMap(({ drift }) => drift);
    if (first === undefined) return;
    throw new SluiceError("DRIFT_FOUND", first, {
      detail: others.map((line) => `  ${line}`).join("\n"),
      hint: "see all of it: sluice call status summary",
    });
  }
}

function read(data: string): StatusData {
  return statusSchema.parse(JSON.parse(data));
}

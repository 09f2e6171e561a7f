import { func, object } from "@dagger.io/dagger";
import { type Watch as WatchData, watchSchema } from "../prove/watch-model.ts";
import { watchSummary } from "../prove/watch-summary.ts";
import { jsonText } from "../report/output.ts";

/** How a target's health and logs went on. */
@object()
export class Watch {
  /** Whether it stayed healthy. */
  @func()
  passed: boolean;

  readonly data: string;

  constructor(passed: boolean, data: string) {
    this.passed = passed;
    this.data = data;
  }

  /** The object that stands for a watch. */
  static of(watch: WatchData): Watch {
    return new Watch(watch.passed, jsonText(watch));
  }

  /** Every failure, and what the logs said, as JSON. */
  @func()
  json(): string {
    return this.data;
  }

  /** The verdict, for people. */
  @func()
  summary(): string {
    return `${watchSummary(watchSchema.parse(JSON.parse(this.data))).join("\n")}\n`;
  }
}

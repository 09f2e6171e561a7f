import { func, object } from "@dagger.io/dagger";
import { type Comparison as ComparisonData, comparisonSchema } from "../prove/compare-model.ts";
import { comparisonSummary } from "../prove/compare-summary.ts";
import { jsonText } from "../report/output.ts";

/** What targets say of themselves, side by side. */
@object()
export class Comparison {
  readonly data: string;

  constructor(data: string) {
    this.data = data;
  }

  /** The object that stands for a comparison. */
  static of(comparison: ComparisonData): Comparison {
    return new Comparison(jsonText(comparison));
  }

  /** Everything that each target said, as JSON. */
  @func()
  json(): string {
    return this.data;
  }

  /** A table, with a mark where targets differ. */
  @func()
  summary(): string {
    return comparisonSummary(comparisonSchema.parse(JSON.parse(this.data)));
  }
}

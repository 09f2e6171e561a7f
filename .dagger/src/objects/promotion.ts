import { type Directory, type File, func, object } from "@dagger.io/dagger";
import { promotionSchema } from "../promote/model.ts";
import type { Promoted } from "../promote/promote.ts";
import { promotionSummary } from "../promote/summary.ts";
import { toJson } from "../report/json.ts";
import { jsonText } from "../report/output.ts";
import { Verification } from "./verification.ts";

/** A promotion that succeeded: which tag holds what, and the verification that proved it. */
@object()
export class Promotion {
  /** Report of the verification that let it happen, and promotion.json. */
  @func()
  directory: Directory;

  readonly data: string;
  readonly verified: string;

  constructor(directory: Directory, data: string, verified: string) {
    this.directory = directory;
    this.data = data;
    this.verified = verified;
  }

  /** The object that stands for a promotion. */
  static of({ verification, report, promotion }: Promoted): Promotion {
    const data = jsonText(promotion);
    return new Promotion(report.withNewFile("promotion.json", data), data, toJson(verification));
  }

  /** Every tag with what it held and what it holds, as JSON. */
  @func()
  json(): string {
    return this.data;
  }

  /** The tags that moved, for people. */
  @func()
  summary(): string {
    return promotionSummary(promotionSchema.parse(JSON.parse(this.data)));
  }

  /** The verification that let it happen. */
  @func()
  verification(): Verification {
    return new Verification(true, this.directory, this.verified);
  }

  /** The verification's report as one self-contained HTML page. */
  @func()
  report(): File {
    return this.directory.file("report.html");
  }
}

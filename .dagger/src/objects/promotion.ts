import { type Directory, type File, func, object } from "@dagger.io/dagger";
import { promotionSchema } from "../promote/model.ts";
import type { Promoted } from "../promote/promote.ts";
import { promotionSummary } from "../promote/summary.ts";
import { withFiles } from "../report/files.ts";
import { toHtml } from "../report/html/page.ts";
import { toJson } from "../report/json.ts";
import { jsonText } from "../report/output.ts";
import { Verification } from "./verification.ts";

/** A promotion or rollback that succeeded: which tag holds what, and the verification that proved it. */
@object()
export class Promotion {
  /** The verification's report, promotion.json, compose.yaml by digest, and evidence-manifest.json. */
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
  static of({ verification, report, promotion, products }: Promoted): Promotion {
    const data = jsonText(promotion);
    const directory = withFiles(report, {
      ...products,
      "promotion.json": data,
      "report.html": toHtml(verification, promotion),
    });
    return new Promotion(directory, data, toJson(verification));
  }

  /** Every tag with what it held and what it holds, and every gate, as JSON. */
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

  /** What moved, the gates, and the verification, as one self-contained HTML page. */
  @func()
  report(): File {
    return this.directory.file("report.html");
  }
}

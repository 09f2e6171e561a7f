import { type Directory, type File, func, object } from "@dagger.io/dagger";
import { deploymentSchema } from "../deploy/model.ts";
import { deploymentSummary } from "../deploy/summary.ts";
import { jsonText } from "../report/output.ts";
import type { Deployment as Deployed } from "../deploy/finish.ts";

/** A deployment or rollback of a target: what it brought there, and what its URL said. */
@object()
export class Deployment {
  /** deployment.json, report.html, and below .artifacts the platform's output, logs and screenshots. */
  @func()
  directory: Directory;

  readonly data: string;

  constructor(directory: Directory, data: string) {
    this.directory = directory;
    this.data = data;
  }

  /** The object that stands for a deployment. */
  static of({ data, directory }: Deployed): Deployment {
    return new Deployment(directory, jsonText(data));
  }

  /** What was deployed, what its URL said, and who was told, as JSON. */
  @func()
  json(): string {
    return this.data;
  }

  /** The verdict, for people. With --dry-run: what would be done, and the exact texts. */
  @func()
  summary(): string {
    return deploymentSummary(deploymentSchema.parse(JSON.parse(this.data)));
  }

  /** Digests, probes, screenshots and who was told, as one self-contained HTML page. */
  @func()
  report(): File {
    return this.directory.file("report.html");
  }
}

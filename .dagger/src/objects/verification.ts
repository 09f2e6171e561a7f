import { type Directory, type File, func, object } from "@dagger.io/dagger";
import { fromJson, toJson } from "../report/json.ts";
import { toSummary } from "../report/summary.ts";
import type { Verified } from "../verify/run.ts";

/** The result of a smoke verification, with everything that was seen. */
@object()
export class Verification {
  /** Whether every service answered its probes and every job ended as expected. */
  @func()
  passed: boolean;

  /** The whole report: verification.json, report.html, junit.xml, summary.txt, and logs/. */
  @func()
  directory: Directory;

  readonly data: string;

  constructor(passed: boolean, directory: Directory, data: string) {
    this.passed = passed;
    this.directory = directory;
    this.data = data;
  }

  /** The object that stands for a verification. */
  static of({ verification, report }: Verified): Verification {
    return new Verification(verification.passed, report, toJson(verification));
  }

  /** The result as JSON: verdict, digests, every probe attempt, exit codes, log excerpts. */
  @func()
  json(): string {
    return this.data;
  }

  /** The verdict and a line for each container, for people. */
  @func()
  summary(): string {
    return toSummary(fromJson(this.data));
  }

  /** The report as one self-contained HTML page. */
  @func()
  report(): File {
    return this.directory.file("report.html");
  }

  /** The result as JUnit XML, as CI systems read it. */
  @func()
  junit(): File {
    return this.directory.file("junit.xml");
  }

  /** Output of each container, as `<name>.log`. */
  @func()
  logs(): Directory {
    return this.directory.directory("logs");
  }
}

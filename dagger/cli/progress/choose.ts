import type { Colors } from "picocolors/types.js";
import { UsageError } from "../usage-error.ts";
import { LiveView, type Terminal } from "./live.ts";
import { PlainView } from "./plain.ts";
import { silentView, type ProgressView, type Verbosity } from "./view.ts";

/** Accepted by `--progress`; those after `quiet` are Dagger's further names for line output. */
export const progressModes = [
  "auto",
  "plain",
  "tty",
  "none",
  "quiet",
  "dots",
  "logs",
  "report",
] as const;

export interface ProgressOptions {
  mode: string;
  verbosity: Verbosity;
  colors: Colors;
  stderr: Terminal & { isTTY?: boolean };
}

/** The view for `--progress`. `auto` is live on a terminal and plain elsewhere. Throws UsageError. */
export function progressView({ mode, verbosity, colors, stderr }: ProgressOptions): ProgressView {
  const plain = (level: Verbosity) =>
    new PlainView((text) => void stderr.write(text), colors, level);
  switch (mode) {
    case "auto":
      return stderr.isTTY ? new LiveView(stderr, colors, verbosity) : plain(verbosity);
    case "tty":
      if (!stderr.isTTY) throw new UsageError(`no tty available for progress "tty"`);
      return new LiveView(stderr, colors, verbosity);
    case "plain":
    case "dots":
    case "report":
      return plain(verbosity);
    case "logs":
      return plain("verbose");
    case "quiet":
      return plain("quiet");
    case "none":
      return silentView;
    default:
      throw new UsageError(
        `unknown progress type ${JSON.stringify(mode)}: expected one of ${progressModes.join(", ")}`,
      );
  }
}

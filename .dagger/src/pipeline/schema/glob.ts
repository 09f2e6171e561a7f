import picomatch from "picomatch";
import { z } from "zod";

/** Whether `text` is a glob whose brackets and braces are closed. */
export function isGlob(text: string): boolean {
  if (text.length === 0 || text.length > 512) return false;
  try {
    picomatch.makeRe(text, { strictBrackets: true });
    return true;
  } catch {
    return false;
  }
}

/** A glob of paths in the repository: from its root, `/` between folders, `!` in front to leave out. */
export const pathGlob = z.string().refine(
  (text) => {
    const path = text.replace(/^!/, "");
    return isGlob(path) && !/^(?:\/|\.\.?\/)|\\|\/\.\.(?:\/|$)/.test(path);
  },
  { error: "a glob of paths from the repository's root, such as backend/**" },
);

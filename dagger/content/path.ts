import { posix } from "node:path";
import { SluiceError } from "../core/error.ts";

/** Normal form of a path in a tree: relative, no `.` or `..`; the root is "". `..` stops at the root. */
export function normalise(path: string): string {
  if (path.includes("\0"))
    throw new SluiceError("INVALID_PATH", `invalid path ${JSON.stringify(path)}: contains NUL`);
  const normal = posix.resolve("/", path).slice(1);
  const long = normal.split("/").find((part) => part.length > 255);
  if (long) {
    throw new SluiceError(
      "INVALID_PATH",
      `file name is longer than 255 characters: ${long.slice(0, 40)}…`,
    );
  }
  return normal;
}

export const parentOf = (path: string): string => {
  const at = path.lastIndexOf("/");
  return at < 0 ? "" : path.slice(0, at);
};

export const baseOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export const joinPath = (folder: string, name: string): string =>
  folder === "" ? name : name === "" ? folder : `${folder}/${name}`;

import { z } from "zod";

/** Name of the list of checksums that is released beside the files. */
export const SUMS_NAME = "SHA256SUMS";

/** Harmless in a shell, in a URL, and to what takes files in: GitHub gives others another name. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}$/;
const FOLDERS = /^(?:\/(?!\.{0,2}\/)[^/\u0000-\u001f\u007f]+)*\/$/u;

/** Whether `text` can be the name of a released file. */
export function isFileName(text: string): boolean {
  return NAME.test(text) && text !== SUMS_NAME;
}

/** The last part of a path. */
export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Absolute path of a file in an image. */
export const outputFile = z
  .string()
  .refine((path) => fileNameOf(path) !== SUMS_NAME, {
    error: `another name: ${SUMS_NAME} is the list of checksums that is written beside the files`,
    abort: true,
  })
  .refine((path) => isFileName(fileNameOf(path)) && isFolder(path), {
    error:
      "an absolute path such as /out/firmware.bin, whose name has letters, digits, dots, underscores, plus signs and hyphens only",
  });

function isFolder(path: string): boolean {
  return FOLDERS.test(path.slice(0, path.length - fileNameOf(path).length));
}

import { z } from "zod";
import { line } from "./values.ts";

/** A URL that git can talk to, or ssh's short form; never one that carries a password. */
const REMOTE = /^(?:(?:https?|file):\/\/[^\s@]*|ssh:\/\/\S+|[A-Za-z0-9_][\w.-]*@[\w.-]+:\S+)$/;

const remote = line.refine((text) => REMOTE.test(text), {
  error:
    "a git URL without credentials, such as https://github.com/acme/shop.git or git@github.com:acme/shop.git",
});

/** Where the source's branches and tags live. */
export const git = z
  .strictObject({
    remote: remote
      .optional()
      .describe("Repository that branches, tags and locks live in. Default: the source's origin."),
  })
  .describe("The git repository that releases are decided by.");

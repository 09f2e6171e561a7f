import { z } from "zod";

const HOST_LABEL = /^[a-z0-9]+(?:-+[a-z0-9]+)*$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const HOST =
  /^(?:localhost|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+|[A-Za-z0-9-]+(?=:)|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const ENVIRONMENT = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether `text` is one or more repository components of an image name, of at most 255 characters. */
export function isRepository(text: string): boolean {
  return text.length <= 255 && text.split("/").every((part) => COMPONENT.test(part));
}

/** Whether `text` is a registry's host and, below it, an optional namespace. */
export function isAddress(text: string): boolean {
  const [host = "", ...path] = text.split("/");
  if (!HOST.test(host)) return false;
  return path.length === 0 || isRepository(path.join("/"));
}

/** Whether `text` can be an image tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** Name of a service or dependency: the others reach it by this host name. */
export const hostName = z
  .string()
  .max(63, { error: "a name of at most 63 characters", abort: true })
  .regex(HOST_LABEL, {
    error: "a name of lower-case letters, digits and inner hyphens, such as web-api",
  });

/** Name of a registry or channel. */
export const label = z
  .string()
  .max(63, { error: "a name of at most 63 characters", abort: true })
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
    error:
      "a name of letters, digits, dots, underscores and hyphens that starts with a letter or digit",
  });

/** An image tag. */
export const tag = z.string().regex(TAG, {
  error: "a tag of at most 128 letters, digits, dots, underscores and hyphens",
});

/** Repository of an image below a registry's address. */
export const repository = z.string().refine(isRepository, {
  error: "a repository name in lower case, such as backend or team/backend",
});

/** Host of a registry and namespace in it. */
export const address = z.string().refine(isAddress, {
  error: "a registry host and namespace without scheme or tag, such as ghcr.io/acme",
});

/** Name of an environment variable or build argument. */
export const variableName = z.string().regex(ENVIRONMENT, {
  error: "a variable name of letters, digits and underscores",
});

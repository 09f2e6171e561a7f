import { SluiceError } from "../../core/error.ts";

/** An image reference, taken apart and made complete. */
export interface Reference {
  /** `docker.io`, `localhost:5000` */
  registry: string;
  /** Path in the registry: `library/nginx`. */
  path: string;
  /** `docker.io/library/nginx` */
  repository: string;
  tag?: string;
  /** `sha256:…` */
  digest?: string;
}

const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const REGISTRY = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MAX_LENGTH = 255;

/** Reads a reference as docker does. Throws `INVALID_REFERENCE` that says which part is wrong. */
export function parseReference(text: string): Reference {
  const fail = (why: string): never => {
    const shown = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
    throw new SluiceError("INVALID_REFERENCE", `${shown} is not an image reference: ${why}`, {
      hint: "Expected [registry/]name[:tag][@sha256:digest], all lower case but the tag.",
    });
  };
  const [name = "", digest, ...more] = text.split("@");
  if (more.length > 0) fail("more than one @");
  if (digest !== undefined && !DIGEST.test(digest))
    fail("the digest is not sha256:<64 hex digits>");
  const colon = name.lastIndexOf(":");
  const hasTag = colon > name.lastIndexOf("/");
  const tag = hasTag ? name.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag)) fail(`bad tag ${JSON.stringify(tag.slice(0, 40))}`);
  const bare = hasTag ? name.slice(0, colon) : name;
  const slash = bare.indexOf("/");
  const first = slash < 0 ? "" : bare.slice(0, slash);
  const named = first.includes(".") || first.includes(":") || first === "localhost";
  const host = named ? first : "docker.io";
  const registry = host === "index.docker.io" ? "docker.io" : host;
  const given = named ? bare.slice(slash + 1) : bare;
  if (!REGISTRY.test(registry)) fail(`bad registry name ${JSON.stringify(registry)}`);
  if (given === "") fail("the name is empty");
  if (!PATH.test(given)) fail("the name has characters that are not allowed");
  const path = registry === "docker.io" && !given.includes("/") ? `library/${given}` : given;
  const repository = `${registry}/${path}`;
  if (repository.length > MAX_LENGTH) fail(`longer than ${MAX_LENGTH} characters`);
  return {
    registry,
    path,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The reference in full: with registry, and with `latest` when it has neither tag nor digest. */
export function formatReference({ repository, tag, digest }: Reference): string {
  const shownTag = tag ?? (digest === undefined ? "latest" : undefined);
  return `${repository}${shownTag === undefined ? "" : `:${shownTag}`}${
    digest === undefined ? "" : `@${digest}`
  }`;
}

import { TypedError } from "./graphql-error.ts";

/** Arguments of a list. */
export interface Bounds {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

const MAX = 100;

/** A page of a list as GitHub cuts it, with its rules for how much may be asked for. */
export function connection<T extends { id: string }>(
  name: string,
  items: readonly T[],
  { first, last, after, before }: Bounds,
) {
  const size = first ?? last;
  if (size === undefined || size === null) {
    throw new TypedError(
      "MISSING_PAGINATION_BOUNDARIES",
      `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
    );
  }
  if (size > MAX) {
    throw new TypedError(
      "EXCESSIVE_PAGINATION",
      `Requesting ${size} records on the \`${name}\` connection exceeds the \`first\` limit of ${MAX} records.`,
    );
  }
  const from = after == null ? 0 : indexOf(name, items, after) + 1;
  const to = before == null ? items.length : indexOf(name, items, before);
  const within = items.slice(from, to);
  const nodes = first == null ? within.slice(-size) : within.slice(0, size);
  return {
    nodes,
    totalCount: items.length,
    pageInfo: {
      hasNextPage: first == null ? to < items.length : within.length > nodes.length,
      hasPreviousPage: first == null ? within.length > nodes.length : from > 0,
      startCursor: cursorOf(nodes[0]),
      endCursor: cursorOf(nodes.at(-1)),
    },
  };
}

function cursorOf(item: { id: string } | undefined): string | null {
  return item === undefined ? null : Buffer.from(`cursor:v2:${item.id}`).toString("base64");
}

function indexOf(name: string, items: readonly { id: string }[], cursor: string): number {
  const id = Buffer.from(cursor, "base64")
    .toString()
    .replace(/^cursor:v2:/, "");
  const index = items.findIndex((item) => item.id === id);
  if (index >= 0) return index;
  throw new TypedError("INVALID_CURSOR_ARGUMENTS", `\`${cursor}\` is no cursor of \`${name}\`.`);
}

import { z } from "zod";

/** Who wrote something, as GitHub says it. */
export const authorFields = {
  viewerDidAuthor: z.boolean(),
  authorAssociation: z.string(),
  author: z.object({ __typename: z.string() }).nullable(),
};

const OF_REPOSITORY = ["OWNER", "MEMBER", "COLLABORATOR"];

/**
 * Whether something was written by those who release: this token, people of the repository, or an
 * App. Anybody else could write a mark, and so keep an event from being told.
 */
export function isTrusted({
  viewerDidAuthor,
  authorAssociation,
  author,
}: z.infer<z.ZodObject<typeof authorFields>>): boolean {
  return (
    viewerDidAuthor || author?.__typename === "Bot" || OF_REPOSITORY.includes(authorAssociation)
  );
}

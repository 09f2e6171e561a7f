const THREAD = `
  fragment Thread on Discussion {
    id
    number
    title
    url
    locked
    closed
    viewerDidAuthor
    authorAssociation
    author { __typename }
    labels(first: 100) { nodes { name } }
  }
`;

/** What is asked of GitHub's GraphQL API; names of variables are free of those that Octokit takes. */
export const operations = {
  home: `
    query Home($owner: String!, $repo: String!, $after: String) {
      repository(owner: $owner, name: $repo) {
        id
        hasDiscussionsEnabled
        discussionCategories(first: 100, after: $after) {
          nodes { id name }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  threads: `
    query Threads($owner: String!, $repo: String!, $category: ID!, $after: String) {
      repository(owner: $owner, name: $repo) {
        discussions(
          first: 100
          after: $after
          categoryId: $category
          orderBy: { field: CREATED_AT, direction: ASC }
        ) {
          nodes { ...Thread }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    ${THREAD}
  `,
  comments: `
    query Comments($thread: ID!, $before: String) {
      node(id: $thread) {
        ... on Discussion {
          comments(last: 100, before: $before) {
            nodes {
              id
              url
              body
              createdAt
              viewerDidAuthor
              authorAssociation
              author { __typename }
            }
            pageInfo { hasPreviousPage startCursor }
          }
        }
      }
    }
  `,
  createThread: `
    mutation CreateThread($home: ID!, $category: ID!, $title: String!, $body: String!) {
      createDiscussion(
        input: { repositoryId: $home, categoryId: $category, title: $title, body: $body }
      ) {
        discussion { ...Thread }
      }
    }
    ${THREAD}
  `,
  deleteThread: `
    mutation DeleteThread($thread: ID!) {
      deleteDiscussion(input: { id: $thread }) { discussion { id } }
    }
  `,
  addComment: `
    mutation AddComment($thread: ID!, $body: String!) {
      addDiscussionComment(input: { discussionId: $thread, body: $body }) {
        comment { id url }
      }
    }
  `,
  deleteComment: `
    mutation DeleteComment($comment: ID!) {
      deleteDiscussionComment(input: { id: $comment }) { comment { id } }
    }
  `,
  label: `
    query Label($owner: String!, $repo: String!, $label: String!) {
      repository(owner: $owner, name: $repo) { label(name: $label) { id } }
    }
  `,
  createLabel: `
    mutation CreateLabel($home: ID!, $label: String!) {
      createLabel(input: { repositoryId: $home, name: $label, color: "0e8a16" }) {
        label { id }
      }
    }
  `,
  addLabel: `
    mutation AddLabel($thread: ID!, $label: ID!) {
      addLabelsToLabelable(input: { labelableId: $thread, labelIds: [$label] }) {
        labelable { __typename }
      }
    }
  `,
} as const;

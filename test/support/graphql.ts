import { z } from "zod";

const response = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.looseObject({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
});

export interface Answer extends z.infer<typeof response> {
  status: number;
}

/** One raw request to the session, without the SDK between. `token` defaults to the session's own. */
export async function post(
  query: string,
  options: { token?: string | null } = {},
): Promise<Answer> {
  return parseAnswer(await postRaw(JSON.stringify({ query }), options));
}

/** What a session said to a query. */
export async function parseAnswer(result: Response): Promise<Answer> {
  return { status: result.status, ...response.parse(await result.json()) };
}

/** The same, for bodies that are no GraphQL request and answers that are no JSON. */
export async function postRaw(
  body: string,
  { token = process.env.DAGGER_SESSION_TOKEN }: { token?: string | null } = {},
): Promise<Response> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token) headers.authorization = `Basic ${Buffer.from(`${token}:`).toString("base64")}`;
  return fetch(`http://127.0.0.1:${process.env.DAGGER_SESSION_PORT ?? ""}/query`, {
    method: "POST",
    headers,
    body,
  });
}

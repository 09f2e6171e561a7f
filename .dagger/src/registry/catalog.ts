import { z } from "zod";
import type { Connection } from "./connection.ts";
import { jsonOf } from "./json.ts";

const MAX_BYTES = 64 * 1024;
const catalog = z.object({ repositories: z.array(z.string()) });

/** Whether a registry has no repository at all; false where it doesn't list them. */
export async function isEmpty(connection: Connection): Promise<boolean> {
  const reply = await connection.retried(() =>
    connection.call({
      ...{ method: "GET", repository: "", maxBytes: MAX_BYTES },
      path: new URL("/v2/_catalog?n=1", connection.origin),
      what: `GET repositories of ${connection.host}`,
    }),
  );
  if (reply.status !== 200) return false;
  return catalog.safeParse(jsonOf(reply.bytes)).data?.repositories.length === 0;
}

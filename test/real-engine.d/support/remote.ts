import { join } from "node:path";
import { git, gitServer } from "../../support/gitServer.ts";
import { front, hostAddress } from "./front.ts";
import { folder } from "./repository.ts";

/**
 * Serves a bare copy of a repository over http, where the engine's containers reach it. Answers its URL.
 *
 * @param at the port to serve it at; default: any
 */
export async function served(repository: string, name: string, at?: number): Promise<string> {
  const home = await folder();
  const bare = join(home, `${name}.git`);
  await git(home, "clone", "--quiet", "--bare", repository, bare);
  await git(bare, "config", "http.receivepack", "true");
  const port = await front(await gitServer(home), at);
  const authority = at === 80 ? await hostAddress() : `${await hostAddress()}:${port}`;
  return `http://${authority}/${name}.git`;
}

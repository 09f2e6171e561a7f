import { webServer } from "../webServer.ts";
import type { FlyApi } from "./api.ts";

/**
 * Where users find an app, whichever machine runs it: passes requests on to one that is started, as
 * Fly.io's proxy does. Answers the URL, which stays the same from one deployment to the next.
 */
export async function edge({ apps }: FlyApi, name: string): Promise<string> {
  const port = await webServer((request, response) => {
    const machines = [...(apps.get(name)?.machines.values() ?? [])];
    const url = machines.find((one) => one.state === "started" && one.url !== undefined)?.url;
    if (url === undefined) {
      response.writeHead(503).end("no machine is started\n");
      return;
    }
    const { method = "GET", url: path = "/" } = request;
    void fetch(url + path, { method, redirect: "manual" })
      .then(async (answer) => {
        const type = answer.headers.get("content-type") ?? "text/plain";
        const body = Buffer.from(await answer.arrayBuffer());
        response.writeHead(answer.status, { "content-type": type }).end(body);
      })
      .catch(() => response.writeHead(502).end("the machine doesn't answer\n"));
  });
  return `http://127.0.0.1:${port}`;
}

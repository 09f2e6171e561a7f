import { request } from "node:http";
import { webServer } from "../webServer.ts";

/**
 * The address of an app's ingress: passes on to whatever serves the app at that moment.
 *
 * @param target URL of what serves; undefined: nothing does
 * @returns host and port
 */
export async function ingressFront(target: () => string | undefined): Promise<string> {
  const port = await webServer((asked, answer) => {
    const to = target();
    const unavailable = () => {
      answer.writeHead(503, { "content-type": "text/plain" }).end("no healthy upstream\n");
    };
    if (to === undefined) {
      unavailable();
      return;
    }
    const passed = request(
      new URL(asked.url ?? "/", to),
      { method: asked.method, headers: asked.headers },
      (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      },
    );
    passed.on("error", unavailable);
    asked.pipe(passed);
  });
  return `127.0.0.1:${port}`;
}

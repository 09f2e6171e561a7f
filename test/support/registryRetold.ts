import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Fault } from "./registryFront.ts";

/** What a registry really answered. */
interface Reply {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Lets the registry at `origin` do what is asked, `times` times, and tells something else of it. */
export function retold(
  origin: string,
  tell: (reply: Reply, answer: ServerResponse) => void,
  times = 1,
): Fault {
  return (incoming, answer) => {
    void (async () => {
      const body = await buffer(incoming);
      let reply = await ask(origin, incoming, body);
      for (let asked = 1; asked < times; asked++) reply = await ask(origin, incoming, body);
      tell(reply, answer);
    })();
    return true;
  };
}

/** The write happens, and nobody hears of it. */
export function losesReply(origin: string): Fault {
  return retold(origin, (_, answer) => answer.destroy());
}

/** The write happens twice, as when a proxy repeats it. */
export function writesTwice(origin: string): Fault {
  return retold(origin, plainly, 2);
}

/** The answer names the digest of something else. */
export function namesOtherDigest(origin: string): Fault {
  const other = `sha256:${"0".repeat(64)}`;
  return retold(origin, ({ headers, ...reply }, answer) =>
    plainly({ ...reply, headers: { ...headers, "docker-content-digest": other } }, answer),
  );
}

/** The answer's body ends before its end; where it has none, its digest is missing. */
export function cutsBody(origin: string): Fault {
  return retold(origin, ({ status, headers, body }, answer) => {
    const length = body.length === 0 ? 100 : body.length;
    const told = Object.entries(headers).filter(([name]) => name !== "docker-content-digest");
    answer.writeHead(status, { ...Object.fromEntries(told), "content-length": length });
    answer.write(body.subarray(0, body.length / 2), () => answer.socket?.end());
    answer.flushHeaders();
  });
}

/** A registry that did what it was asked, and whose answer is held up. */
export interface HeldReply {
  fault: Fault;
  /** Resolved once the registry has done it. */
  done: Promise<void>;
  /** Lets the answer go. */
  go(): void;
}

/** The registry does what it is asked, and its answer waits for the test. */
export function holdsReply(origin: string): HeldReply {
  let tell = (): void => undefined;
  let go = (): void => undefined;
  const done = new Promise<void>((resolve) => (tell = resolve));
  const gone = new Promise<void>((resolve) => (go = resolve));
  const fault = retold(origin, (reply, answer) => {
    tell();
    void gone.then(() => plainly(reply, answer));
  });
  return { fault, done, go };
}

function plainly({ status, headers, body }: Reply, answer: ServerResponse): void {
  answer.writeHead(status, headers).end(body);
}

function ask(
  origin: string,
  { method, url = "/", headers }: IncomingMessage,
  body: Buffer,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(url, origin), { method, headers }, (reply) => {
      buffer(reply).then(
        (bytes) =>
          resolve({
            status: reply.statusCode ?? 500,
            headers: reply.headers as Record<string, string>,
            body: bytes,
          }),
        reject,
      );
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

/** Most of a body that is read; bytes. */
export const BODY_BYTES = 64 * 1024;

/** An answer to a probe. */
export interface Answer {
  status: number;
  /** The `location` header, for redirects. */
  location?: string;
  /** Up to 64 KiB of the body. */
  body: string;
}

/** Sends one GET and reads the answer; rejects when there is none. */
export type Get = (url: URL, signal: AbortSignal) => Promise<Answer>;

/**
 * GET over a connection of its own, by HTTP or HTTPS; an invalid certificate is no answer. Not `fetch`: it refuses some ports (6000, 10080, …), and its
 * kept connections would blame a service for closing an idle one.
 */
export const get: Get = (url, signal) =>
  new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? requestHttps : requestHttp;
    const sent = request(url, {
      signal,
      agent: false,
      headers: {
        connection: "close",
        "user-agent": "sluice-verify",
        accept: "*/*",
        // What a cache on the way has kept says nothing about what runs now.
        "cache-control": "no-cache",
      },
    });
    sent.once("error", reject);
    sent.once("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = (): void => {
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location,
          body: Buffer.concat(chunks).toString("utf8", 0, BODY_BYTES),
        });
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size < BODY_BYTES) return;
        // Enough to judge by; a body without end must not hold the probe.
        finish();
        response.destroy();
      });
      response.once("end", finish);
      response.once("error", reject);
      response.once("aborted", () => reject(new Error("the connection was closed in mid-answer")));
    });
    sent.end();
  });

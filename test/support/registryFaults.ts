import type { Fault } from "./registryFront.ts";

/** A fault only for requests of that kind: `/^GET .*blobs/`. */
export function only(kind: RegExp, fault: Fault): Fault {
  return (incoming, answer) =>
    kind.test(`${incoming.method ?? ""} ${incoming.url ?? ""}`) && fault(incoming, answer);
}

/** A fault for every request from now on, until the test takes it away. */
export function always(fault: Fault): Fault[] {
  return Array<Fault>(1000).fill(fault);
}

/** Answers with the beginning of a body, and hangs up, or goes on with a byte now and then. */
export function begins(body: Uint8Array, sent: number, then: "hangs up" | "trickles"): Fault {
  return (_, answer) => {
    answer.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-length": body.length,
    });
    answer.write(body.subarray(0, sent), () => {
      if (then === "hangs up") answer.socket?.destroy();
    });
    if (then === "hangs up") return true;
    let at = sent;
    const timer = setInterval(() => {
      answer.write(body.subarray(at, ++at));
    }, 20);
    answer.once("close", () => clearInterval(timer));
    return true;
  };
}

/** Takes a request, but none of its body, and never answers. */
export function ignoresBody(): Fault {
  return (incoming) => {
    incoming.pause();
    return true;
  };
}

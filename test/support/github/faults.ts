/** Something that goes wrong when GitHub is asked. */
export interface Fault {
  /** Operation of GitHub's description, `issues/create`, or `graphql`; undefined: any. */
  on?: string;
  /** What the request's line has to match: `GET /api/v3/repos/acme/shop/issues?page=1`. */
  line?: RegExp;
  /** Whether the request is carried out before; by default it isn't. */
  applied?: boolean;
  /** How often; by default once. */
  times?: number;
  /** What is answered: `reset` breaks the connection, `hang` never answers. */
  answer: FaultAnswer | "reset" | "hang";
}

/** An answer that says that something is wrong. */
export interface FaultAnswer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is. */
  body?: object | string;
}

/** GitHub's limit for too many requests at once. */
export function secondaryLimit(retryAfterSeconds?: number): FaultAnswer {
  return {
    status: 403,
    headers: retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) },
    body: { message: "You have exceeded a secondary rate limit. Please wait a few minutes." },
  };
}

/** GitHub's hourly limit. */
export function primaryLimit(reset: Date, status: 403 | 429 = 403): FaultAnswer {
  return {
    status,
    headers: {
      "x-ratelimit-limit": "5000",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String(Math.ceil(reset.getTime() / 1000)),
    },
    body: { message: "API rate limit exceeded for user ID 1." },
  };
}

/** A server's error, as GitHub's proxies answer it. */
export function unavailable(status = 502): FaultAnswer {
  return {
    status,
    headers: { "content-type": "text/html" },
    body: "<html><title>Unicorn!</title></html>",
  };
}

/** The next fault for a request; it is spent. */
export function faultFor(faults: Fault[], operation: string, asked: string): Fault | undefined {
  const at = faults.findIndex(
    ({ on, line }) => (on === undefined || on === operation) && (line?.test(asked) ?? true),
  );
  const fault = faults[at];
  if (!fault) return undefined;
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0) faults.splice(at, 1);
  return fault;
}

import { z } from "zod";
import { hints, RegistryError } from "../failure.ts";
import { isInternal } from "../http/redirect.ts";
import { refusal } from "../http/refusal.ts";
import type { Reply, Send } from "../http/send.ts";
import { jsonOf } from "../json.ts";
import { type Challenge, parseChallenge } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";

const tokenReply = z
  .object({
    token: z.string().min(1).optional(),
    access_token: z.string().min(1).optional(),
    expires_in: z.number().positive().optional(),
  })
  .transform(({ token, access_token, expires_in }) => ({
    token: token ?? access_token,
    seconds: expires_in ?? 60,
  }));

const MAX_BYTES = 64 * 1024;
/** A token is not used in its last seconds, when it might expire on the way. */
const MARGIN_MS = 10_000;

interface Token {
  value: string;
  expiresAt: number;
}

/**
 * Signs in to one registry: not at all, by name and password, or by a token for each scope. Tokens
 * are kept for as long as they are valid; equal requests for one share it.
 */
export class Authenticator {
  #challenge: Challenge | undefined;
  readonly #tokens = new Map<string, Promise<Token>>();
  readonly #secrets = new Set<string>();

  /** @param origin the registry's own, to judge where a token may be asked for */
  constructor(
    private readonly origin: URL,
    private readonly credentials: Credentials | undefined,
    private readonly send: Send,
    private readonly scrub: (text: string) => string,
  ) {}

  /** Tokens that were handed out, to keep them out of messages. */
  get secrets(): ReadonlySet<string> {
    return this.#secrets;
  }

  /** What to send for a scope, as far as is known; undefined for the first request of all. */
  async authorization(scope: string): Promise<string | undefined> {
    const challenge = this.#challenge;
    if (!challenge) return undefined;
    if (challenge.scheme === "basic") return this.#basic();
    for (let kept; (kept = this.#tokens.get(scope));) {
      const token = await kept;
      if (token.expiresAt - MARGIN_MS > Date.now()) return `Bearer ${token.value}`;
      // Somebody else may have asked for a new one meanwhile, which is shared.
      if (this.#tokens.get(scope) === kept) this.#tokens.delete(scope);
    }
    const fresh = this.#ask(challenge, scope);
    this.#tokens.set(scope, fresh);
    // A failure is not kept: the next request asks again.
    fresh.catch(() => this.#tokens.delete(scope));
    return `Bearer ${(await fresh).value}`;
  }

  /**
   * What to send after a 401.
   *
   * @param used what was sent, so that the same is not tried again
   */
  async renewed(what: string, reply: Reply, scope: string, used?: string): Promise<string> {
    const challenge = parseChallenge(reply.headers.get("www-authenticate"));
    if (!challenge) throw this.#unauthorized(`${what}: HTTP 401 without a way to sign in`);
    this.#challenge = challenge;
    await this.#forget(scope, used);
    const next = await this.authorization(scope);
    if (next === undefined || next === used) throw refusal(what, reply, this.scrub);
    return next;
  }

  /** Only what was refused: a newer one that somebody else asked for meanwhile is kept. */
  async #forget(scope: string, used: string | undefined): Promise<void> {
    const kept = this.#tokens.get(scope);
    const token = await kept?.catch(() => undefined);
    if (token && `Bearer ${token.value}` === used && this.#tokens.get(scope) === kept) {
      this.#tokens.delete(scope);
    }
  }

  #basic(): string | undefined {
    if (!this.credentials) return undefined;
    const { username, password } = this.credentials;
    return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }

  async #ask(challenge: Challenge & { scheme: "bearer" }, scope: string): Promise<Token> {
    const url = this.#realm(challenge.realm);
    const what = `sign-in at ${url.host}`;
    const refresh = this.credentials?.identityToken;
    const service: Record<string, string> =
      challenge.service === undefined ? {} : { service: challenge.service };
    const fields = new URLSearchParams({ ...service, scope });
    if (refresh === undefined) {
      for (const [name, value] of Object.entries(service)) url.searchParams.set(name, value);
      for (const one of scope.split(" ")) url.searchParams.append("scope", one);
    }
    const basic = this.#basic();
    const reply = await (refresh === undefined
      ? this.send({
          method: "GET",
          url,
          headers: basic === undefined ? {} : { authorization: basic },
          maxBytes: MAX_BYTES,
        })
      : this.send({
          method: "POST",
          url,
          headers: { "content-type": "application/x-www-form-urlencoded" },
          body: `${fields.toString()}&grant_type=refresh_token&client_id=sluice&refresh_token=${encodeURIComponent(refresh)}`,
          maxBytes: MAX_BYTES,
        }));
    if (reply.status !== 200) throw refusal(what, reply, this.scrub);
    return this.#read(what, reply);
  }

  #read(what: string, { bytes }: Reply): Token {
    const parsed = tokenReply.safeParse(jsonOf(bytes));
    const value = parsed.data?.token;
    if (!parsed.data || value === undefined) {
      throw new RegistryError("REGISTRY_PROTOCOL", `${what}: the answer holds no token`);
    }
    this.#secrets.add(value);
    return { value, expiresAt: Date.now() + parsed.data.seconds * 1000 };
  }

  /** Credentials go only where they are safe: not from HTTPS to HTTP, not from outside to inside. */
  #realm(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const unsafe =
      !url ||
      !["http:", "https:"].includes(url.protocol) ||
      (this.origin.protocol === "https:" && url.protocol !== "https:") ||
      (isInternal(url.hostname) && !isInternal(this.origin.hostname));
    if (!unsafe) return url;
    throw new RegistryError(
      "REGISTRY_REDIRECT",
      `${this.origin.host} wants credentials sent to ${url?.origin ?? "no usable address"}`,
    );
  }

  #unauthorized(reason: string): RegistryError {
    return new RegistryError("REGISTRY_UNAUTHORIZED", reason, {
      status: 401,
      hint: hints.REGISTRY_UNAUTHORIZED,
    });
  }
}

import { SluiceError } from "../../error.ts";

const UNAUTHORIZED =
  /no access token available|must be authenticated|not authorized|unauthori[sz]ed|token validation error|invalid (?:access )?token|token (?:has |is )?expired|\b401\b/i;
const NOT_FOUND = /could not find app\b|app not found|the app name .* could not be found/i;
const TRANSIENT =
  /\b(?:408|425|429|50[0234])\b|time(?:d )?out|deadline exceeded|connection (?:refused|reset)|broken pipe|\bEOF\b|no such host|temporary failure|tls handshake|network is unreachable|server_error|internal server error|bad gateway|service unavailable|too many requests|socket hang up/i;

/**
 * The error that flyctl ended with: what it says on the way may have the same words in it, such as
 * a warning that it may not read logs. All of it where there is no error.
 */
export function errorIn(said: string): string {
  const [, error] = /^[^]*(?:^|\n)Error: ([^]*)$/.exec(said) ?? [];
  return (error ?? said).trim();
}

/** Whether what flyctl ended with may pass by itself. */
export function isTransient(said: string): boolean {
  const error = errorIn(said);
  return TRANSIENT.test(error) && !UNAUTHORIZED.test(error) && !NOT_FOUND.test(error);
}

/** The line that says what is wrong: flyctl's own, else the last one. */
export function reasonIn(said: string): string {
  const error = errorIn(said);
  const lines = error.split("\n").filter((line) => line.trim() !== "");
  const line = error === said.trim() ? lines.at(-1) : lines[0];
  return (line ?? "it said nothing").trim().slice(0, 500);
}

/** What a refusal means that every command of flyctl can meet; undefined for any other. */
export function accessFailure(said: string, app: string | undefined): SluiceError | undefined {
  const whom = app === undefined ? "Fly.io" : `Fly.io, app ${app}`;
  const error = errorIn(said);
  if (NOT_FOUND.test(error)) {
    return new SluiceError(
      "FLY_APP_NOT_FOUND",
      `${whom}: there is no such app, or the token in FLY_API_TOKEN may not see it`,
      {
        detail: reasonIn(said),
        hint: "check the app's name, and that the token is for its organization: flyctl apps list",
      },
    );
  }
  if (!UNAUTHORIZED.test(error)) return undefined;
  return new SluiceError(
    "FLY_UNAUTHORIZED",
    `${whom}: the token in FLY_API_TOKEN is not accepted; it may be expired, revoked or for another app`,
    { detail: reasonIn(said), hint: tokenHint(app) },
  );
}

/** How to get a token. */
export function tokenHint(app: string | undefined): string {
  return `make a new one with flyctl tokens create deploy${app === undefined ? "" : ` --app ${app}`}, and give it as FLY_API_TOKEN`;
}

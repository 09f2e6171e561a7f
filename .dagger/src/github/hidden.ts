import { secretForms } from "../registry/auth/credentials.ts";

/** GitHub's own tokens, those of Apps included, and what Apps sign themselves. */
const TOKENS = /\b(?:gh[a-z]_[A-Za-z0-9]{4,}|github_pat_\w{4,}|eyJ[\w-]+\.[\w-]+\.[\w-]+)/g;

/** An error of a request, as far as it shows what was answered. */
interface RequestFailure extends Error {
  response?: { data: unknown } | undefined;
}

/**
 * Takes tokens out of errors: what answers in GitHub's place may repeat what it was sent.
 *
 * @param token the one that is sent; undefined for an App's, which are known by their form
 */
export function hidingTokens(token: string | undefined): (error: RequestFailure) => never {
  const forms = token === undefined ? [] : secretForms({ username: "", password: token });
  const hide = (text: string) =>
    forms.reduce((clean, form) => clean.replaceAll(form, "***"), text).replaceAll(TOKENS, "***");
  return (error) => {
    error.message = hide(error.message);
    if (error.response?.data !== undefined) {
      error.response.data = JSON.parse(hide(JSON.stringify(error.response.data)));
    }
    throw error;
  };
}

import { SluiceError } from "../error.ts";

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * Where a webhook is sent to. Its path and query are often the password: messages show the origin
 * alone.
 *
 * @throws SluiceError `WEBHOOK_URL_INVALID`, also for plain HTTP, which would show what is sent
 */
export function webhookUrl(text: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw invalid("it can't be read");
  if (url.username !== "" || url.password !== "") {
    throw invalid(`${url.origin} has a user or a password in front of its host`);
  }
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname)) {
    throw invalid(`${url.origin} is not encrypted`);
  }
  return url;
}

function invalid(found: string): SluiceError {
  return new SluiceError(
    "WEBHOOK_URL_INVALID",
    `the webhook's URL is not usable: expected one such as https://hooks.example.com/release, but ${found}`,
    { hint: "mend announcements.webhook.url of the pipeline file, or the setting that it names" },
  );
}

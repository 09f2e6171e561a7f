import { SluiceError } from "../../error.ts";

/**
 * The URL of one of Azure's services, without a slash at its end. Plain HTTP would show the token
 * to whoever listens, so it is accepted of this machine only.
 *
 * @param key where it was written, for the message
 * @throws SluiceError `CONTAINER_APPS_ADDRESS_INVALID`
 */
export function serviceAddress(text: string, key: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const bare = url?.search === "" && url.hash === "" && url.username === "" && url.password === "";
  if (!url || !bare || !(url.protocol === "https:" || isLoopback(text))) {
    throw new SluiceError(
      "CONTAINER_APPS_ADDRESS_INVALID",
      `${key}: expected an https URL, got ${JSON.stringify(text.slice(0, 300))}`,
      { hint: "write it such as https://management.azure.com, or leave it out" },
    );
  }
  return url.href.replace(/\/+$/, "");
}

/** Whether a URL is plain HTTP to this machine. */
export function isLoopback(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  return protocol === "http:" && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

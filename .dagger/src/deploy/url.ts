import { SluiceError } from "../error.ts";
import type { Place } from "./place.ts";
import type { Settings } from "./settings.ts";

/**
 * Where the users of a place find it; undefined for a target without a URL.
 *
 * @throws SluiceError `TARGET_URL_INVALID` for a setting that is none
 */
export async function urlOf(
  { target, slot, name }: Place,
  settings: Settings,
): Promise<string | undefined> {
  if (!target.url) return undefined;
  const text = await settings.resolve(target.url, `the URL of ${target.name}`);
  const filled = text.replaceAll("{slot}", String(slot ?? ""));
  const url = URL.canParse(filled) ? new URL(filled) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") {
    return filled.replace(/\/+$/, "");
  }
  throw new SluiceError("TARGET_URL_INVALID", `the URL of ${name} is none that can be asked`, {
    hint: "expected one such as https://shop.example.com, without user and password",
  });
}

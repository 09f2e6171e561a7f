import { SluiceError } from "../error.ts";
import type { Given } from "../pipeline/model.ts";
import type { Release } from "../release.ts";

/** Values that are given to a release, and no part of its pipeline file. */
export class Settings {
  readonly #secretsFor: Release["secretsFor"];

  constructor({ secretsFor }: Pick<Release, "secretsFor">) {
    this.#secretsFor = secretsFor;
  }

  /** The value of a setting, without space around it; undefined when it is not given, or empty. */
  async find(name: string): Promise<string | undefined> {
    const given = this.#secretsFor("setting").findLast(
      ({ use }) => use.use === "setting" && use.name === name,
    );
    const text = (await given?.secret.plaintext())?.trim();
    return text === "" ? undefined : text;
  }

  /**
   * The value of a setting.
   *
   * @param what it is, for the message: `the token for Fly.io`
   * @throws SluiceError `SETTING_MISSING`
   */
  async get(name: string, what: string): Promise<string> {
    const text = await this.find(name);
    if (text !== undefined) return text;
    throw new SluiceError("SETTING_MISSING", `${what} is not given: ${name} is missing or empty`, {
      hint: `give it: with-setting --name ${name} --value env:${name}`,
    });
  }

  /** A value of the pipeline file, or the setting that it names. */
  resolve(given: Given, what: string): Promise<string> {
    return "text" in given ? Promise.resolve(given.text) : this.get(given.setting, what);
  }
}

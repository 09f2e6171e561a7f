import { SluiceError } from "../error.ts";
import type { Given } from "../pipeline/model.ts";
import { secretForms } from "../registry/auth/credentials.ts";
import type { Release } from "../release.ts";
import { canBeHidden, isSecretName } from "../secret.ts";

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

  /** Of these names those that are given, and not empty. */
  async given(names: readonly string[]): Promise<ReadonlySet<string>> {
    const missing = new Set(await this.missing(names));
    return new Set(names.filter((name) => !missing.has(name)));
  }

  /** Names of those that are missing or empty. */
  async missing(names: readonly string[]): Promise<string[]> {
    const found = await Promise.all(names.map((name) => this.find(name)));
    return [...new Set(names.filter((_, index) => found[index] === undefined))];
  }

  /** Takes secrets out of texts: the values of all settings that are called like one. */
  async scrubber(): Promise<(text: string) => string> {
    const secrets = await Promise.all(
      this.#secretsFor("setting").map(async ({ use, secret }) =>
        use.use === "setting" && isSecretName(use.name)
          ? secretForms({ username: "", password: (await secret.plaintext()).trim() })
          : [],
      ),
    );
    const forms = secrets.flat().filter((form) => canBeHidden("", form));
    return (text) => forms.reduce((clean, form) => clean.replaceAll(form, "***"), text);
  }

  /** A value of the pipeline file, or the setting that it names. */
  resolve(given: Given, what: string): Promise<string> {
    return "text" in given ? Promise.resolve(given.text) : this.get(given.setting, what);
  }
}

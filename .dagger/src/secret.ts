import { randomUUID } from "node:crypto";
import { type Container, dag, type Secret } from "@dagger.io/dagger";

/** Settings that are no secrets have names that everybody may see: those of apps, groups, regions. */
const SECRET_NAME = /TOKEN|SECRET|KEY|PASSWORD|CREDENTIAL|WEBHOOK/i;
/** Shorter ones would take ordinary words out of texts. */
const SHORTEST = 6;

/** Whether a value is called like a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * Whether a value can be hidden at all. Engines take a secret's value out of every output, whatever
 * its length: a secret newline would join all lines of it, and a secret "1" garble its numbers.
 */
export function canBeHidden(name: string, text: string): boolean {
  return text.trim().length >= (isSecretName(name) ? 2 : SHORTEST);
}

/** A secret of a name of its own: sessions share names, and two runs may be at work in one. */
export function secretOf(name: string, text: string): Secret {
  return dag.setSecret(`${name} ${randomUUID()}`, text);
}

/** Sets an environment variable that no layer and no output has, as far as it can be hidden. */
export function withSecretVariable(self: Container, name: string, text: string): Container {
  return canBeHidden(name, text)
    ? self.withSecretVariable(name, secretOf(name, text))
    : self.withEnvVariable(name, text);
}

/** The same for a file, which only its owner may read. */
export function withSecretFile(self: Container, path: string, text: string): Container {
  return canBeHidden(path, text)
    ? self.withMountedSecret(path, secretOf(path, text), { mode: 0o400 })
    : self.withNewFile(path, text, { permissions: 0o400 });
}

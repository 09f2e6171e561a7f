/**
 * How the API spells names that authors chose, letter for letter as the real engine does it, so that
 * the same command line and the same query work on both.
 */

/** `PascalCase`; a run of capitals is one word: `HTTPServer` is `Httpserver`. */
export const objectName = (name: string): string => camel(name, true);

/** `camelCase`, for functions, fields and arguments. */
export const fieldName = (name: string): string => camel(name, false);

function camel(name: string, capitalFirst: boolean): string {
  let result = "";
  let capitalNext = capitalFirst;
  let previousCapital = false;
  const letters = Array.from(name === "ID" ? "id" : name.trim());
  for (const [index, character] of letters.entries()) {
    const capital = /[A-Z]/.test(character);
    let written = character;
    if (capitalNext) written = character.toUpperCase();
    else if (index === 0 || (previousCapital && capital)) written = character.toLowerCase();
    previousCapital = capital;
    if (/[A-Za-z]/.test(character)) {
      result += written;
      capitalNext = false;
    } else if (/[0-9]/.test(character)) {
      result += character;
      capitalNext = true;
    } else {
      capitalNext = /[_ .-]/.test(character);
    }
  }
  return result;
}

/** Enum members keep conventional names (`RED_2`); others become that: `darkBlue` is `DARK_BLUE`. */
export function enumMemberName(name: string): string {
  if (/^[A-Z][A-Z0-9_]*$/.test(name)) return name;
  return name
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .replace(/([A-Za-z])([0-9])/g, "$1_$2")
    .replace(/([0-9])([A-Za-z])/g, "$1_$2")
    .replace(/[ .-]+/g, "_")
    .toUpperCase();
}

/** API name of a module's type: prefixed with the module's name unless it already starts with it. */
export function typeName(original: string, module: string): string {
  const name = objectName(original);
  const prefix = objectName(module);
  if (name === prefix) return prefix;
  // "PostMan" of module "post" keeps its name; "Postman" only looks alike and becomes "PostPostman".
  if (name.startsWith(prefix) && /^[A-Z]/.test(name.slice(prefix.length))) return name;
  return objectName(`${module}_${name}`);
}

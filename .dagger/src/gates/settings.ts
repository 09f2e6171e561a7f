import type { Gate } from "./gate.ts";
import { failed, gateNamed, passed } from "./verdict.ts";

/** Every value that the release needs is given. */
export function settings(names: readonly string[], given: ReadonlySet<string>): Gate {
  return gateNamed(
    "settings",
    "Every value that the release needs is given, before anything starts.",
    () => {
      const missing = names.filter((name) => !given.has(name));
      const evidence = { expected: names.join(" "), missing: missing.join(" ") };
      return missing.length === 0
        ? passed(`${names.join(", ")} given`, evidence)
        : failed(
            `expected values for ${names.join(", ")}; missing or empty: ${missing.join(", ")}`,
            `give ${missing.join(", ")}, as the environment's variables or secrets`,
            evidence,
          );
    },
  );
}

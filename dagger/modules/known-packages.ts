import { isBuiltin } from "node:module";
import { join, relative } from "node:path";
import type { Plugin } from "esbuild";
import { thrown } from "./transpile.ts";

const asked = Symbol("asked");

/**
 * Leaves packages to Node, but only those that are installed for the module: others must not be
 * found in a folder above, where the official runtime has none.
 */
export function knownPackages(options: {
  draft: string;
  path: string;
  packages: ReadonlySet<string>;
}): Plugin {
  const { draft, path: home, packages } = options;
  return {
    name: "known-packages",
    setup(builder) {
      builder.onResolve(
        { filter: /^[^./#]/ },
        async ({ path, importer, kind, pluginData, ...at }) => {
          if (kind === "entry-point" || pluginData === asked) return undefined;
          const [scope = "", name = ""] = path.split("/");
          const wanted = scope.startsWith("@") ? `${scope}/${name}` : scope;
          if (isBuiltin(path) || packages.has(wanted) || /^[a-z]+:/.test(path))
            return { path, external: true };
          // The compiler options may map it to a file of the module.
          const { resolveDir } = at;
          const mapped = await builder.resolve(path, {
            kind,
            importer,
            resolveDir,
            pluginData: asked,
          });
          if (mapped.errors.length === 0 && !relative(draft, mapped.path).startsWith(".."))
            return { path: mapped.path };
          return {
            path,
            namespace: "unknown-package",
            pluginData: join(home, relative(draft, importer)),
          };
        },
      );
      builder.onLoad({ filter: /./, namespace: "unknown-package" }, ({ path, pluginData }) => ({
        contents: thrown(
          "Error",
          `Cannot find package '${path}' imported from ${String(pluginData)}`,
          "cjs",
        ),
      }));
    },
  };
}

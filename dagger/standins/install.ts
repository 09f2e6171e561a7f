import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContentStore } from "../content/store.ts";
import { treeFromHost } from "../content/host.ts";
import { tarFromTree } from "../content/tar.ts";
import { Tree } from "../content/tree.ts";
import { keyOf } from "../core/key.ts";
import type { Daemon } from "../docker/daemon/daemon.ts";
import type { BaseImage } from "./base.ts";
import { produce } from "./host.ts";
import type { Recipe } from "./recipe.ts";
import { findStandIn, runAndCommit, type StandInImage } from "./store.ts";

/** Makes the image of a recipe on its base, or finds the one made before. */
export async function recipeImage(
  daemon: Daemon,
  base: BaseImage,
  name: string,
  tag: string,
  recipe: Recipe,
  options: { arch: string; making: () => void; signal?: AbortSignal },
): Promise<StandInImage> {
  const { signal } = options;
  const npm = recipe.npm?.(tag, options.arch) ?? [];
  const wanted = [JSON.stringify(recipe), JSON.stringify(npm)];
  const key = keyOf("stand-in", 2, name, base.key, ...wanted).slice(0, 32);
  const known = await findStandIn(daemon, key);
  if (known) return known;
  options.making();
  const folder = await mkdtemp(join(tmpdir(), "sluice-stand-in-"));
  try {
    const store = await ContentStore.open(join(folder, "blobs"));
    let tree = Tree.empty;
    for (const { name: packed, into } of npm) {
      tree = tree.withTree(into, await npmPackage(store, folder, packed, signal), {});
    }
    for (const [path, { mode, text }] of Object.entries(recipe.files ?? {})) {
      const blob = await store.putBytes(Buffer.from(text));
      tree = tree.withFile(
        path,
        { kind: "file", mode, uid: 0, gid: 0, mtime: 0, blob },
        { exact: true },
      );
    }
    return await runAndCommit(daemon, base.id, {
      key,
      script: script(recipe),
      files: tarFromTree(store, tree),
      config: recipe.config,
      what: (version) => `${version} from ${npm.length > 0 ? "npm" : "Debian"} packages`,
      signal,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One shell script of our own words only: package names come from the recipe table. */
function script({ packages = [], without = [], setup = [], version }: Recipe): string {
  const exclude = without.map((path) => `-o Dpkg::Options::='--path-exclude=${path}'`).join(" ");
  const install = [
    "export DEBIAN_FRONTEND=noninteractive",
    "apt-get update -qq",
    // Files of the recipe win over those that packages bring.
    `apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold ${exclude} ${packages.join(" ")} > /dev/null`,
    "apt-get clean",
    "rm -rf /var/lib/apt/lists/* /var/log/*.log /var/log/apt",
  ];
  const quoted = version.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  // The last line of the output says what the stand-in really is.
  return [...(packages.length > 0 ? install : []), ...setup, quoted].join("\n");
}

/** The content of an npm package, fetched with the host's npm and its configuration. */
async function npmPackage(
  store: ContentStore,
  folder: string,
  name: string,
  signal?: AbortSignal,
): Promise<Tree> {
  const target = await mkdtemp(join(folder, "npm-"));
  const args = ["pack", name, "--silent", "--pack-destination", target];
  const { output, done } = produce("npm", args, signal);
  output.resume();
  await done;
  const unpack = produce("sh", ["-c", 'cd "$1" && tar -xzf ./*.tgz', "sh", target], signal);
  unpack.output.resume();
  await unpack.done;
  return treeFromHost(store, join(target, "package"));
}

import { treeFromTar } from "../content/tar.ts";
import type { ContentStore } from "../content/store.ts";
import { SluiceError } from "../core/error.ts";
import type { Runtime } from "../docker/types.ts";

/** The image that the release module takes it from as well, so that one pull serves both. */
const image = "busybox:1.37.0-musl";

/** A static busybox for a platform, which runs in any image: for small jobs inside containers. */
export async function busyboxOf(
  runtime: Runtime,
  store: ContentStore,
  platform = runtime.platform,
): Promise<Uint8Array> {
  const { id } = await runtime.pull(image, { platform, credentials: new Map() });
  const tree = await treeFromTar(store, await runtime.archive(id, "/bin/busybox"));
  const entry = tree.get("busybox");
  if (entry?.kind === "file") return store.bytes(entry.blob.digest);
  throw new SluiceError("NO_TOOLBOX", `${image} has no /bin/busybox`);
}

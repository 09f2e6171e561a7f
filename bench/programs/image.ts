/**
 * Moves tags or copies an image, as a program of its own, so that it is measured like those it is
 * compared with: `image copy <host/repository@digest> <host/repository:tag>…`
 */
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { copyImage } from "../../.dagger/src/registry/copy/copy.ts";
import { moveTag } from "../../.dagger/src/registry/move.ts";

const [from = "", ...targets] = process.argv.slice(2);
const [, host = "", repository = "", digest = ""] = /^([^/]+)\/(.+)@(.+)$/.exec(from) ?? [];
const parsed = targets.map((target) => {
  const [, host = "", repository = "", tag = ""] = /^([^/]+)\/(.+):(.+)$/.exec(target) ?? [];
  return { host, repository, tag };
});
const source = new RegistryClient({ host, access: "write" });
if (parsed.every((target) => target.host === host && target.repository === repository)) {
  const manifest = await source.get(repository, digest);
  await Promise.all(parsed.map(({ tag }) => moveTag(source, repository, tag, manifest)));
} else {
  await Promise.all(
    parsed.map((target) => {
      const client =
        target.host === host ? source : new RegistryClient({ host: target.host, access: "write" });
      return copyImage({
        from: { client: source, repository },
        to: { client, repository: target.repository },
        digest,
        tag: target.tag,
      });
    }),
  );
}

import { crane, regctl, skopeo } from "./registryTools.ts";

/** Another program that copies images, for what Sluice does to be held against. */
export interface RegistryPeer {
  name: string;
  file: string;
  /** Arguments that copy `host/repository@digest` to `host/repository:tag`, with all platforms. */
  copy: (from: string, to: string) => string[];
  /** Arguments that print the manifest of a reference, byte for byte. */
  manifest: (reference: string) => string[];
}

const hostOf = (reference: string) => reference.split("/", 1)[0] ?? "";

/** Those that are on this machine, or can be made, as `registryTools.ts` says. */
export async function registryPeers(): Promise<RegistryPeer[]> {
  const plain = (...references: string[]) =>
    references.flatMap((one) => ["--host", `reg=${hostOf(one)},tls=disabled`]);
  const all: (Omit<RegistryPeer, "file"> & { file: string | undefined })[] = [
    {
      name: "crane",
      file: await crane(),
      // Within a repository `crane tag` does it, which asks less.
      copy: (from, to) => {
        const [repository, tag] = split(to);
        return from.startsWith(`${repository}@`)
          ? ["tag", "--insecure", from, tag]
          : ["copy", "--insecure", from, to];
      },
      manifest: (reference) => ["manifest", "--insecure", reference],
    },
    {
      name: "regctl",
      file: await regctl(),
      copy: (from, to) => ["image", "copy", ...plain(from, to), from, to],
      manifest: (reference) => [
        "manifest",
        "get",
        ...plain(reference),
        "--format",
        "raw-body",
        reference,
      ],
    },
    {
      name: "skopeo",
      file: await skopeo(),
      copy: (from, to) => [
        ...["--insecure-policy", "copy", "--all", "--preserve-digests", "--quiet"],
        ...["--src-tls-verify=false", "--dest-tls-verify=false"],
        ...[`docker://${from}`, `docker://${to}`],
      ],
      manifest: (reference) => ["inspect", "--raw", "--tls-verify=false", `docker://${reference}`],
    },
  ];
  return all.flatMap(({ file, ...peer }) => (file === undefined ? [] : [{ ...peer, file }]));
}

/** `host/repository:tag` in its parts. */
function split(reference: string): [repository: string, tag: string] {
  const at = reference.lastIndexOf(":");
  return [reference.slice(0, at), reference.slice(at + 1)];
}

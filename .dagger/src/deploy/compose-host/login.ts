import type { DeployContext, DeploymentWanted } from "../deployer.ts";

/** How Docker's config.json calls its own registry. */
const DOCKER_HUB = "https://index.docker.io/v1/";

/** Docker's config.json for the registries of these images; undefined when none asks for a password. */
export async function dockerLogin(
  { loginFor }: Pick<DeployContext, "loginFor">,
  { images }: Pick<DeploymentWanted, "images">,
): Promise<string | undefined> {
  const auths: Record<string, { auth: string }> = {};
  for (const host of new Set(images.map(({ ref }) => ref.split("/", 1)[0] ?? ""))) {
    const login = await loginFor(host);
    if (!login) continue;
    const auth = Buffer.from(`${login.username}:${login.password}`).toString("base64");
    auths[host === "docker.io" ? DOCKER_HUB : host] = { auth };
  }
  return Object.keys(auths).length === 0 ? undefined : JSON.stringify({ auths });
}

import { createPrivateKey } from "node:crypto";
import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import { SluiceError } from "../error.ts";
import { asking } from "./failure.ts";
import type { GithubRepository } from "./repository.ts";

/** A GitHub App that acts on a repository. */
export interface GithubApp {
  /** Its id, or its client id. */
  readonly id: string;
  /** In PEM; line breaks may be written as `\n`. */
  readonly privateKey: string;
  /** Undefined: the one of the repository. */
  readonly installationId?: number | undefined;
}

/** What Octokit needs to act as an App. */
export interface AppAuth {
  authStrategy: unknown;
  auth: { appId: string; privateKey: string; installationId?: number };
}

const installation = z.object({ id: z.number().int() });

/**
 * How an App signs in to a repository. Its tokens are asked for when they are needed, and anew
 * before they expire.
 *
 * @param connect makes a client of what it is given
 * @throws SluiceError `GITHUB_APP_KEY_INVALID`, `GITHUB_APP_NOT_INSTALLED`, `GITHUB_UNAUTHORIZED`,
 *   `GITHUB_LIMITED`, `GITHUB_UNAVAILABLE`
 */
export async function appAuth(
  repository: GithubRepository,
  { id, privateKey, installationId }: GithubApp,
  connect: (auth: AppAuth) => Octokit,
): Promise<AppAuth> {
  const { createAppAuth } = await import("@octokit/auth-app");
  const own = { appId: id, privateKey: readableKey(privateKey) };
  const ofApp = { authStrategy: createAppAuth, auth: own };
  return {
    authStrategy: createAppAuth,
    auth: {
      ...own,
      installationId: installationId ?? (await installationOf(repository, connect(ofApp))),
    },
  };
}

/** The JWT's maker reads PKCS#8 only, and its errors may show what they read. */
function readableKey(pem: string): string {
  try {
    const key = createPrivateKey(pem.replaceAll("\\n", "\n"));
    return key.export({ type: "pkcs8", format: "pem" }).toString();
  } catch {
    throw new SluiceError("GITHUB_APP_KEY_INVALID", "the App's private key can't be read", {
      hint: "give the whole .pem file that GitHub made for the App, without a passphrase",
    });
  }
}

async function installationOf(repository: GithubRepository, octokit: Octokit): Promise<number> {
  const { owner, repo, api } = repository;
  const ask = { what: "act as the App on", needs: "the App's id and its private key" };
  return asking(repository, ask, async () => {
    try {
      const { data } = await octokit.rest.apps.getRepoInstallation({ owner, repo });
      return installation.parse(data).id;
    } catch (error) {
      if ((error as { status?: number }).status !== 404) throw error;
      throw new SluiceError(
        "GITHUB_APP_NOT_INSTALLED",
        `the App is not installed on ${owner}/${repo} at ${api}`,
        { hint: "install it on the repository, or name the installation's id", cause: error },
      );
    }
  });
}

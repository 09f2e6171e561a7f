import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import picomatch from "picomatch";
import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import type { Session } from "../../core/session.ts";
import { field, plain, type FieldDefinition, type TypeDefinition } from "../define.ts";
import { Socket } from "../host/socket.ts";
import { Secret } from "../secret.ts";
import { Service } from "../services/service.ts";
import type { GitAccess } from "./command.ts";
import { GitRef, GitRepository } from "./repository.ts";

const patterns = z.array(z.string()).optional();

async function names(
  self: GitRepository,
  prefix: string,
  wanted: string[] | undefined,
): Promise<string[]> {
  const matches = wanted?.length ? picomatch(wanted) : () => true;
  return (await self.names())
    .filter((ref) => ref.startsWith(prefix))
    .map((ref) => ref.slice(prefix.length))
    .filter((name) => matches(name));
}

export const gitRepositoryFields: TypeDefinition<GitRepository> = {
  url: plain((self) => self.url),
  head: plain((self) => self.ref("HEAD")),
  latestVersion: plain(newestVersion),
  uncommitted: plain((self) => self.uncommitted()),
  ref: field({ name: z.string().min(1) }, (self, args) => self.ref(args.name)),
  branch: field({ name: z.string().min(1) }, (self, args) => self.ref(`refs/heads/${args.name}`)),
  tag: field({ name: z.string().min(1) }, (self, args) => self.ref(`refs/tags/${args.name}`)),
  commit: field({ id: z.string() }, (self, args) => {
    if (!/^[0-9a-f]{40}$/.test(args.id)) {
      throw new SluiceError("INVALID_ARGUMENT", `invalid commit SHA: ${JSON.stringify(args.id)}`, {
        hint: "Give all 40 hex digits.",
      });
    }
    return self.ref(args.id);
  }),
  branches: field({ patterns }, (self, args) => names(self, "refs/heads/", args.patterns)),
  tags: field({ patterns }, (self, args) => names(self, "refs/tags/", args.patterns)),
};

/** Newest semantic version among the tags: `v1.10.0` after `v1.9.0`, releases after their candidates. */
async function newestVersion(self: GitRepository): Promise<GitRef> {
  const tags = (await names(self, "refs/tags/", undefined)).filter((name) =>
    /^v?\d+\.\d+\.\d+$/.test(name),
  );
  const collate = new Intl.Collator("en", { numeric: true });
  const newest = tags
    .sort((a, b) => collate.compare(a.replace(/^v/, ""), b.replace(/^v/, "")))
    .at(-1);
  if (newest) return self.ref(`refs/tags/${newest}`);
  throw new SluiceError("GIT_REF_NOT_FOUND", "no tag is a semantic version", {
    hint: "Tag a release as v1.2.3.",
  });
}

export const gitRefFields: TypeDefinition<GitRef> = {
  commit: plain(async (self) => (await self.resolve()).commit),
  ref: plain(async (self) => (await self.resolve()).ref),
  tree: field(
    {
      discardGitDir: z.boolean().default(false),
      depth: z.number().int().default(1),
      includeTags: z.boolean().default(false),
    },
    (self, args) => self.tree(args),
  ),
  commonAncestor: field({ other: z.instanceof(GitRef) }, (self, args) =>
    self.commonAncestor(args.other),
  ),
};

/** `dag.git(url, …)` */
export const gitField: FieldDefinition<unknown> = field(
  {
    url: z.string().min(1),
    keepGitDir: z.boolean().optional(),
    sshKnownHosts: z.string().optional(),
    sshAuthSocket: z.instanceof(Socket).optional(),
    httpAuthUsername: z.string().optional(),
    httpAuthToken: z.instanceof(Secret).optional(),
    httpAuthHeader: z.instanceof(Secret).optional(),
    experimentalServiceHost: z.instanceof(Service).optional(),
  },
  (_, args, { session }) => {
    const url = completeUrl(args.url);
    const key = keyOf(
      "git",
      url,
      args.httpAuthToken?.key,
      args.httpAuthHeader?.key,
      args.experimentalServiceHost?.key,
    );
    const source = {
      url: () => reachable(url, args.experimentalServiceHost),
      access: () => accessOf(session, key, args),
    };
    return new GitRepository(session, key, source, url);
  },
);

/** `github.com/owner/repo` means https, as Dagger has it; an option is never taken for a URL. */
function completeUrl(url: string): string {
  if (url.startsWith("-") || /[\0\n\r]/.test(url))
    throw new SluiceError("INVALID_ARGUMENT", `invalid git URL ${JSON.stringify(url)}`);
  if (/^[a-z+]+:\/\//.test(url) || /^[^/@]+@[^/:]+:/.test(url)) return url;
  return `https://${url}`;
}

/** A server that runs as a service of the session is dialled where this host reaches it. */
async function reachable(url: string, service: Service | undefined): Promise<string> {
  if (!service) return url;
  const target = new URL(url);
  const running = await service.start();
  const port =
    Number(target.port) ||
    { "http:": 80, "https:": 443, "git:": 9418, "ssh:": 22 }[target.protocol] ||
    80;
  const { host, port: reachablePort } = running.dial(port);
  return `${target.protocol}//${host}:${reachablePort}${target.pathname}`;
}

async function accessOf(
  session: Session,
  key: string,
  args: {
    httpAuthUsername?: string;
    httpAuthToken?: Secret;
    httpAuthHeader?: Secret;
    sshAuthSocket?: Socket;
    sshKnownHosts?: string;
  },
): Promise<GitAccess> {
  const access: GitAccess = { sshAuthSocket: args.sshAuthSocket?.path };
  if (args.httpAuthHeader)
    access.httpHeader = `Authorization: ${await args.httpAuthHeader.plaintext()}`;
  if (args.httpAuthToken) {
    const user = args.httpAuthUsername ?? "x-access-token";
    const credentials = `${user}:${await args.httpAuthToken.plaintext()}`;
    const basic = Buffer.from(credentials).toString("base64");
    session.scrubber.add(basic);
    access.httpHeader = `Authorization: Basic ${basic}`;
  }
  if (args.sshKnownHosts) {
    access.sshKnownHostsFile = join(session.stateDir, `known-hosts-${key.slice(0, 16)}`);
    await writeFile(access.sshKnownHostsFile, args.sshKnownHosts, { mode: 0o600 });
  }
  return access;
}

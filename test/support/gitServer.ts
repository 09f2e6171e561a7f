import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { webServer } from "./webServer.ts";

const exec = promisify(execFile);

/** Runs git in `dir` with a fixed identity and answers its output. */
export async function git(dir: string, ...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"];
  const { stdout } = await exec("git", [...identity, ...args], {
    cwd: dir,
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
  });
  return stdout.trim();
}

/** Serves the repositories under `root` over git's smart HTTP protocol. Answers the port. */
export async function gitServer(
  root: string,
  options: { password?: string } = {},
): Promise<number> {
  return webServer((request, response) => {
    const { password } = options;
    const expected = `Basic ${Buffer.from(`x-access-token:${password ?? ""}`).toString("base64")}`;
    if (password !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { "www-authenticate": "Basic" }).end("who are you?");
      return;
    }
    void serve(root, request, response);
  });
}

/** Hands one request to git's own CGI program. */
async function serve(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const backend = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: request.method,
      PATH_INFO: path,
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      // The test made these repositories; git's ownership check has nothing to protect here.
      GIT_CONFIG_COUNT: "2",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      GIT_CONFIG_KEY_1: "uploadpack.allowAnySHA1InWant",
      GIT_CONFIG_VALUE_1: "true",
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(backend, "close");
  const output = Buffer.concat(chunks);
  const end = output.indexOf("\r\n\r\n");
  const headers = output.subarray(0, end).toString().split("\r\n").map(splitHeader);
  const status = headers.find(([name]) => name === "Status")?.[1];
  response.writeHead(
    Number.parseInt(status ?? "200", 10),
    Object.fromEntries(headers.filter(([name]) => name !== "Status")),
  );
  response.end(output.subarray(end + 4));
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

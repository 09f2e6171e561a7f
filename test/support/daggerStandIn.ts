/**
 * Stands for Dagger's own program, v0.21.8, where no engine of it is: takes the flags that it takes
 * and no others, and serves a session whose API has its schema and Sluice's checks and generators.
 *
 * What it was called with, and asked, is written to the file `STAND_IN_LOG`, a JSON text each line.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { buildSchema, extendSchema, graphql, parse } from "graphql";

const root = join(import.meta.dirname, "../..");
const globalFlags = ["--silent", "-s", "--auto-apply", "-y", "--progress", "plain"];
const flags: Readonly<Record<string, readonly string[]>> = {
  session: [],
  check: ["-l", "--list", "--failfast", "--no-generate", "--generate", "-m", "--mod"],
  generate: ["-l", "--list"],
};

const argv = process.argv.slice(2);
log({ argv });
const command = argv.find((word) => word in flags) ?? "";
const unknown = argv.find(
  (word) => word.startsWith("-") && ![...globalFlags, ...(flags[command] ?? [])].includes(word),
);
if (unknown !== undefined || command === "") {
  console.error(`Error: unknown ${unknown === undefined ? "command" : `flag: ${unknown}`}`);
  process.exit(1);
}
if (process.env.STAND_IN_FAILS) {
  console.error("Error: start engine: no driver for scheme found [traceparent:0-0]");
  process.exit(1);
}
if (command === "session") await serve();

async function serve(): Promise<void> {
  const core = buildSchema(await readFile(join(root, "dagger/schema/dagger.graphql"), "utf8"));
  const own = `extend type Query { sluice(source: ID): Sluice! }
    type Sluice { validate: Void composeCurrent: Void generateCompose: Changeset! }`;
  const schema = extendSchema(core, parse(own));
  const server = createServer((request, response) => {
    void (async () => {
      const { query: source } = (await json(request)) as { query: string };
      log({ authorization: request.headers.authorization, source });
      const answer = await graphql({ schema, source, rootValue });
      response.end(JSON.stringify(answer));
    })();
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as { port: number };
    console.log(JSON.stringify({ port, session_token: "token" }));
  });
  process.stdin.on("end", () => process.exit(0)).resume();
}

const listed = (name: string, field: string) => ({
  name,
  description: `${name}\n\nMore`,
  path: [field],
});
const generators = { list: [listed("generate-compose", "generateCompose")] };
const checks = [listed("compose-current", "composeCurrent"), listed("validate", "validate")];
const rootValue = {
  moduleSource: () => ({
    asModule: {
      checks: ({ noGenerate }: { noGenerate?: boolean }) => ({
        list: noGenerate ? checks : [...checks, ...generators.list],
      }),
      generators,
      objects: [
        {
          asObject: {
            name: "Sluice",
            constructor: { args: [{ name: "source", ignore: ["**/node_modules"] }] },
          },
        },
      ],
      serve: null,
    },
  }),
  address: ({ value }: { value: string }) => ({ directory: { sync: `directory ${value}` } }),
  sluice: () => ({
    composeCurrent: null,
    validate: () => {
      if (process.env.STAND_IN_FAULT)
        throw new Error("release.yaml:3:1 no [PIPELINE_INVALID] [traceparent:0-0]");
      return null;
    },
    generateCompose: { sync: "changes" },
  }),
  node: () => ({
    ...{ __typename: "Changeset", isEmpty: false },
    ...{ addedPaths: ["compose.yaml"], modifiedPaths: [], removedPaths: [] },
    export: ({ path }: { path: string }) => {
      writeFileSync(join(path, "compose.yaml"), "generated\n");
      return path;
    },
  }),
};

function log(entry: unknown): void {
  appendFileSync(process.env.STAND_IN_LOG ?? "/dev/null", `${JSON.stringify(entry)}\n`);
}

/**
 * Runs vitest in a container of the engine, for tests that ask services by their names, as functions
 * of a module do: nothing outside of the engine can resolve these.
 *
 *     dagger run tsx inside.ts REPORT VITEST ARGUMENT…
 */
import { connection, dag, ReturnType } from "@dagger.io/dagger";
import { root } from "./engine.ts";

/** Has the libraries that the packages of this checkout were installed for. */
const IMAGE = "node:24-slim";
const HOME = "/sluice";

const [report = "", ...args] = process.argv.slice(2);

await connection(async () => {
  const source = dag.host().directory(root, {
    exclude: ["**/.git", ".artifacts", "node_modules/@octokit/openapi"],
    noCache: true,
  });
  const ran = dag
    .container()
    .from(IMAGE)
    .withMountedDirectory(HOME, source)
    .withWorkdir(HOME)
    .withEnvVariable("SLUICE_TEST_RUN", String(Date.now()))
    .withEnvVariable("SLUICE_TEST_CLI", "dagger")
    .withExec(
      [
        ...["node_modules/.bin/vitest", "run", "--project", "conformance"],
        ...["--reporter=default", "--reporter=json", "--outputFile.json=/tmp/report.json", ...args],
      ],
      { experimentalPrivilegedNesting: true, expect: ReturnType.Any },
    );
  process.stdout.write(await ran.stdout());
  process.stderr.write(await ran.stderr());
  await ran.file("/tmp/report.json").export(report);
  process.exitCode = await ran.exitCode();
});

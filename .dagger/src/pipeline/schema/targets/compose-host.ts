import { z } from "zod";
import { duration } from "../duration.ts";
import { given } from "../given.ts";
import { hostName, variableName } from "../names.ts";
import { command, innerPath } from "../values.ts";

const WAIT_MS = 2 * 60_000;

const directory = z
  .string()
  .max(200, { error: "a path of at most 200 characters", abort: true })
  .regex(/^\/(?:[A-Za-z0-9_][A-Za-z0-9._-]*\/)*[A-Za-z0-9_][A-Za-z0-9._-]*$/, {
    error: "an absolute path of letters, digits, dots, hyphens and underscores, such as /srv/shop",
  });

const project = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, {
  error: "a project name of lower-case letters, digits, hyphens and underscores",
});

const slots = z
  .int({ error: "a number of slots from 1 to 99" })
  .min(1, { error: "a number of slots from 1 to 99" })
  .max(99, { error: "a number of slots from 1 to 99" });

/** A host with Docker Compose. */
export const composeHost = z
  .strictObject({
    host: given.describe("Where it is: ssh://deploy@shop.example.com:22."),
    directory: directory.describe(
      "Where manifests are kept on the host; one folder for each slot.",
    ),
    project: project
      .optional()
      .describe("Name of the Compose project. Default: made of pipeline and target."),
    slots: slots
      .optional()
      .describe("How many numbered slots it has, each a stack of its own. Default: none."),
    files: z
      .array(innerPath)
      .default([])
      .describe(
        "Compose files of the repository, laid over the generated manifest: ports, volumes.",
      ),
    migrate: z
      .strictObject({
        service: hostName.describe("Service whose new image it runs in."),
        command: command.describe("What to run."),
      })
      .optional()
      .describe("Runs once before the new containers start; not for a rollback."),
    maintenance: z
      .strictObject({
        on: command.describe("Switches it on; runs on the host, in the directory."),
        off: command.describe("Switches it off again, whatever became of the deployment."),
      })
      .optional()
      .describe("Commands around a deployment that needs downtime."),
    key: variableName
      .default("DEPLOY_SSH_KEY")
      .describe("Setting with the private key. Default: DEPLOY_SSH_KEY."),
    knownHosts: variableName
      .default("DEPLOY_KNOWN_HOSTS")
      .describe("Setting with the host's lines of known_hosts. Default: DEPLOY_KNOWN_HOSTS."),
    waitTimeout: duration
      .default(WAIT_MS)
      .describe("How long containers may take to become healthy. Default: 2m."),
  })
  .transform(({ waitTimeout, ...rest }) => ({ ...rest, waitTimeoutMs: waitTimeout }))
  .describe("A host with Docker Compose, reached over SSH.");

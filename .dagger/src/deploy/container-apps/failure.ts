import { z } from "zod";
import { firstLine, SluiceError } from "../../error.ts";

/** What of a failed request the client's errors have; not all of them are of its own class. */
const restError = z.object({
  statusCode: z.number().optional(),
  code: z.string().optional(),
  response: z.object({ bodyAsText: z.string().nullish() }).optional(),
});

const armError = z.object({
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }),
});

/** Longest of what is shown of Azure's own words. */
const SHOWN = 600;

/**
 * What a request that failed means.
 *
 * @param what what it was about, for the message: `app shop-api in resource group rg-shop`
 * @param scrub takes secrets out of what Azure says
 */
export function armFailure(
  error: unknown,
  what: string,
  scrub: (text: string) => string,
): SluiceError {
  if (error instanceof SluiceError) return error;
  const { data } = restError.safeParse(error);
  const status = data?.statusCode;
  // A secret that is cut off would not be recognised any more.
  const said = scrub(wordsOf(data?.response?.bodyAsText) ?? firstLine(error)).slice(0, SHOWN);
  const { code, hint } = meaningOf(status);
  const reason = status === undefined ? `${what}: ${said}` : `${what}: HTTP ${status}, ${said}`;
  return new ArmError(code, reason.replace(/\s*\n\s*/g, " "), hint, status, error);
}

/** A refusal of Azure's Resource Manager, or no answer of it. */
export class ArmError extends SluiceError {
  constructor(
    code: string,
    reason: string,
    hint: string,
    /** Undefined when there was no answer. */
    readonly status: number | undefined,
    cause: unknown,
  ) {
    super(code, reason, { hint, cause });
  }

  /** Whether what was asked may have been done all the same. */
  get uncertain(): boolean {
    return this.status === undefined || this.status >= 500 || this.status === 408;
  }
}

function meaningOf(status: number | undefined): { code: string; hint: string } {
  switch (status) {
    case 401:
      return {
        code: "CONTAINER_APPS_UNAUTHORIZED",
        hint: "give credentials that are valid: AZURE_FEDERATED_TOKEN or AZURE_CLIENT_SECRET renew themselves, an AZURE_ACCESS_TOKEN ends after about an hour",
      };
    case 403:
      return {
        code: "CONTAINER_APPS_FORBIDDEN",
        hint: "give the application the role that the message names, such as Container Apps Contributor on the resource group",
      };
    case 404:
      return {
        code: "CONTAINER_APPS_NOT_FOUND",
        hint: "check the names of app, job, resource group and subscription in the pipeline file and in the settings",
      };
    case 409:
      return {
        code: "CONTAINER_APPS_CONFLICT",
        hint: "wait until the other operation on it has ended, and run the deployment again",
      };
    case 400:
    case 422:
      return {
        code: "CONTAINER_APPS_REFUSED",
        hint: "correct what the message names on the app or job, and run the deployment again",
      };
    default:
      return {
        code: "CONTAINER_APPS_UNAVAILABLE",
        hint: "look at https://status.azure.com, and run the deployment again: what is done already is not done twice",
      };
  }
}

function wordsOf(body: string | null | undefined): string | undefined {
  try {
    const { error } = armError.parse(JSON.parse(body ?? ""));
    return [error.code, error.message].filter((text) => text != null && text !== "").join(": ");
  } catch {
    return undefined;
  }
}

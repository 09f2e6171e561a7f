import { ArmRefusal } from "./refusal.ts";

/** An answer in the place of one that would be given. */
export interface Fault {
  /** Beginning of what is asked: `PATCH containerApps/shop-api`. */
  on: string;
  status: number;
  code?: string;
  message?: string;
  headers?: Readonly<Record<string, string>>;
  /** Whether what was asked is done all the same; default false. */
  applied?: boolean;
  /** How often; default once. */
  times?: number;
}

/** `PATCH containerApps/shop-api`; undefined for what isn't about apps and jobs. */
export function nameOf({ method, url }: { method: string; url: URL }): string | undefined {
  const [, what] =
    /\/providers\/Microsoft\.App\/((?:containerApps|jobs)\/.+)$/.exec(url.pathname) ?? [];
  return what === undefined || /\/(?:logstream|permissions)$/.test(what)
    ? undefined
    : `${method} ${what}`;
}

/** The fault for a request, if there is one; it is used up by that. */
export function takeFault(
  faults: Fault[],
  asked: { method: string; url: URL },
): { refusal: ArmRefusal; applied: boolean } | undefined {
  const name = nameOf(asked);
  const index = faults.findIndex(({ on }) => name?.startsWith(on));
  const fault = faults[index];
  if (!fault) return undefined;
  const { status, code = "Fault", message = "as the test asked", headers, times = 1 } = fault;
  if (times > 1) faults[index] = { ...fault, times: times - 1 };
  else faults.splice(index, 1);
  return {
    refusal: new ArmRefusal(status, code, message, headers),
    applied: fault.applied ?? false,
  };
}

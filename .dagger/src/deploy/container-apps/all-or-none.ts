import { SluiceError } from "../../error.ts";
import { putBack } from "./put-back.ts";
import { roll, serve } from "./roll.ts";
import type { Survey } from "./survey.ts";
import type { Work } from "./work.ts";

/**
 * Deploys all apps at once, and lets them serve when all are healthy. If one is not, all go back to
 * what they ran.
 *
 * @returns name of the revision by service
 * @throws SluiceError that of the app that failed first; its detail tells what became of each app
 */
export async function allOrNone(
  work: Work,
  plans: readonly Survey[],
  asked: AbortSignal,
): Promise<Record<string, string>> {
  const failed = new AbortController();
  const signal = AbortSignal.any([asked, failed.signal]);
  const failures: unknown[] = [];
  const deadline = work.pace.clock.now() + work.readyTimeoutMs;
  const each = async (step: (plan: Survey) => Promise<void>) => {
    await Promise.all(
      plans.map((plan) =>
        step(plan).catch((error: unknown) => {
          failures.push(error);
          failed.abort();
        }),
      ),
    );
  };
  const revisions: Record<string, string> = {};
  await each(async (plan) => {
    revisions[plan.service] = await roll(work, plan, { deadline, signal });
  });
  if (failures.length === 0) {
    await each((plan) => serve(work, plan, revisions[plan.service] ?? "", { deadline, signal }));
  }
  if (failures.length === 0) return revisions;
  throw failedWith(failures, await Promise.all(plans.map((plan) => putBack(work, plan))));
}

function failedWith([first, ...others]: readonly unknown[], outcomes: readonly string[]): unknown {
  if (!(first instanceof SluiceError)) return first;
  const seen = first.message.split("\n").slice(1);
  const more = others.flatMap((error) =>
    error instanceof SluiceError && error.code !== "CONTAINER_APPS_INTERRUPTED"
      ? [error.message]
      : [],
  );
  return new SluiceError(first.code, first.reason, {
    detail: [...seen.filter((line) => !line.startsWith("Next: ")), ...more, ...outcomes].join("\n"),
    hint: first.hint,
    cause: first,
  });
}

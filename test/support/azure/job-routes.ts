import { unknown, type Answer, type Asked } from "./asked.ts";
import { executionAnswer, jobAnswer, patchJob, startJob, type JobState } from "./jobs.ts";
import { accepted, page } from "./later.ts";

/** Answers what is asked of a job: its method, and the steps of the path after its name. */
export function jobRoute(asked: Asked, job: JobState, steps: string[]): Answer {
  const { url, execution, operations } = asked;
  const { name } = job;
  const id = url.pathname;
  const [method, part, which, action] = steps;
  if (part === undefined && method === "GET") return { status: 200, body: jobAnswer(id, job) };
  if (part === undefined && method === "PATCH") {
    operations.refuseWhileBusy(name);
    patchJob(job, JSON.parse(asked.body));
    const end = { status: "Succeeded" as const };
    return accepted(asked, { resource: name, left: 1, result: jobAnswer(id, job), end });
  }
  if (part === "start" && method === "POST") {
    const started = startJob(job, (image) => execution(name, image));
    const result = {
      id: `${id.replace(/start$/, "executions")}/${started.name}`,
      name: started.name,
    };
    return accepted(asked, { resource: undefined, left: 1, result, end: { status: "Succeeded" } });
  }
  if (part === "executions" && which === undefined && method === "GET") {
    return page(url, job.executions.toReversed(), (each) => ({
      ...{ id: `${id}/${each.name}`, name: each.name, properties: { status: each.fate } },
    }));
  }
  const one = job.executions.find((each) => each.name === which);
  if (part !== "executions" || !one) throw unknown(asked);
  if (action === undefined && method === "GET")
    return { status: 200, body: executionAnswer(id, one) };
  if (action === "stop" && method === "POST") {
    Object.assign(one, { fate: "Stopped", running: 0 });
    return accepted(asked, {
      ...{ resource: undefined, left: 0, result: undefined, end: { status: "Succeeded" } },
    });
  }
  throw unknown(asked);
}

import { func, object } from "@dagger.io/dagger";
import { enforce } from "../promote/gates.ts";
import { type PlanData, planSchema, planSummary } from "../promote/plan.ts";
import { jsonText } from "../report/output.ts";

/** What a promotion would do. Nothing is changed by it. */
@object()
export class Plan {
  /** Whether every gate lets the candidate pass. */
  @func()
  allowed: boolean;

  readonly data: string;

  constructor(allowed: boolean, data: string) {
    this.allowed = allowed;
    this.data = data;
  }

  /** The object that stands for a plan. */
  static of(plan: PlanData): Plan {
    return new Plan(plan.allowed, jsonText(plan));
  }

  /** Every gate with its verdict and evidence, and every tag with what it would move to, as JSON. */
  @func()
  json(): string {
    return this.data;
  }

  /** The same for people, with what to do about each gate that fails. */
  @func()
  summary(): string {
    return planSummary(read(this.data));
  }

  /** Fails when a gate does not let the candidate pass. */
  @func()
  enforce(): void {
    const { channel, commit, gates } = read(this.data);
    enforce(channel, commit, gates);
  }
}

function read(data: string): PlanData {
  return planSchema.parse(JSON.parse(data));
}

import { ArmRefusal } from "./refusal.ts";

/** Something that Azure has accepted, and is at. */
export interface ArmOperation {
  id: string;
  /** Name of the resource; undefined: others may change it meanwhile. */
  resource: string | undefined;
  /** How often it says that it is in progress, before it says how it ended. */
  left: number;
  /** What it ends with. */
  end: { status: "Succeeded" | "Failed"; code?: string; message?: string };
  /** What its location answers in the end. */
  result: object | undefined;
}

/** All operations, and what is at work on which resource. */
export interface Operations {
  begin(operation: Omit<ArmOperation, "id">): ArmOperation;
  /** Looks at an operation, which is how it gets on. */
  look(id: string): ArmOperation & { inProgress: boolean };
  /** Refuses a change of a resource that is being changed; asking also brings that to its end. */
  refuseWhileBusy(resource: string): void;
}

export function operations(): Operations {
  const all = new Map<string, ArmOperation>();
  return {
    begin(begun) {
      const operation = { ...begun, id: `op-${all.size + 1}` };
      all.set(operation.id, operation);
      return operation;
    },
    look(id) {
      const operation = all.get(id);
      if (!operation) {
        throw new ArmRefusal(404, "OperationNotFound", `The operation '${id}' was not found.`);
      }
      const inProgress = operation.left > 0;
      if (inProgress) operation.left--;
      return { ...operation, inProgress };
    },
    refuseWhileBusy(resource) {
      const busy = [...all.values()].find((each) => each.resource === resource && each.left > 0);
      if (!busy) return;
      busy.left--;
      throw new ArmRefusal(
        409,
        "ContainerAppOperationInProgress",
        `Cannot modify '${resource}' because there is an ongoing operation '${busy.id}'.`,
      );
    },
  };
}

import { parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { operations } from "../../.dagger/src/github/discussions/operations.ts";
import { githubSchema } from "../support/github/graphql-schema.ts";

const faultsOf = (operation: string) =>
  validate(githubSchema(), parse(operation)).map(({ message }) => message);

describe("what is asked of GitHub's GraphQL API", () => {
  it.each(Object.entries(operations))("%s is as GitHub's own schema has it", (_, operation) => {
    expect(faultsOf(operation)).toEqual([]);
  });

  it("is noticed when it isn't", () => {
    expect(faultsOf(operations.label.replace("{ id }", "{ id nothing }"))).toEqual([
      'Cannot query field "nothing" on type "Label".',
    ]);
  });

  it("has no variable of a name that Octokit takes for an option", () => {
    const taken = ["method", "baseUrl", "url", "headers", "request", "query", "operationName"];
    const names = Object.values(operations).flatMap((operation) =>
      [...operation.matchAll(/\$(\w+):/g)].map(([, name = ""]) => name),
    );
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => [...taken, "mediaType"].includes(name))).toEqual([]);
  });
});

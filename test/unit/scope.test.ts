import { describe, expect, it } from "vitest";
import { kindOf, scopeOf } from "../../.dagger/src/scope/scope.ts";

const scopes = {
  runtime: ["backend/**", "frontend/**", "!**/*.md"],
  infra: ["infra/azure/**/*.{bicep,json}"],
  identity: ["infra/identity/**", "package.json"],
};
const none = { runtime: false, infra: false, identity: false };

describe("the scope of a change", () => {
  it.each<[string[], Partial<typeof none>]>([
    [["backend/src/main.ts"], { runtime: true }],
    [["backend/.env.example"], { runtime: true }],
    [["frontend/README.md"], {}],
    [["frontend/README.md", "frontend/index.html"], { runtime: true }],
    [["infra/azure/main.bicep"], { infra: true }],
    [["infra/azure/apps/api/params.json"], { infra: true }],
    [["infra/azure/README"], {}],
    [["package.json"], { identity: true }],
    [["backend/package.json"], { runtime: true }],
    [["infra/identity/a b'$(id).tf", "infra/azure/x.json"], { identity: true, infra: true }],
    [["docs/backend/x"], {}],
    [[], {}],
  ])("%j is %j", (changed, expected) => {
    expect(scopeOf(scopes, changed)).toEqual({ ...none, ...expected });
  });

  it("is all of it, where the file names no scopes", () => {
    expect(scopeOf({}, [])).toEqual({ runtime: true });
  });

  it.each([
    [{ infra: true, runtime: true }, "runtime"],
    [{ runtime: false, infra: false, identity: true }, "identity"],
    [{ runtime: false, infra: true, identity: true }, "infra"],
    [none, "none"],
    [scopeOf({}, []), "runtime"],
  ])("%j makes the kind %s", (scope, kind) => {
    expect(kindOf(scope)).toBe(kind);
  });
});

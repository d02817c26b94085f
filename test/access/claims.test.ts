import { expect } from "chai";
import fc from "fast-check";
import { OUR_CLAIMS, principalOf } from "../../backend/src/access/claims.ts";

const CITY = "11110000MB9D0005X4";

describe("claims", () => {
  const rolesOf = (claims: Record<string, unknown>, mapping = OUR_CLAIMS) => [...principalOf(claims, mapping).roles];

  it("become roles with the scopes that bound them", () => {
    const claims = { sub: "a", roles: ["department-officer", "auditor"], departments: [CITY] };
    expect(principalOf(claims, OUR_CLAIMS)).to.deep.include({ id: "a", departments: [CITY], subjects: [] });
    expect(rolesOf(claims)).to.have.members(["department-officer", "auditor", "public"]);
  });

  it("hold no role without its scope", () => {
    const roles = ["department-officer", "department-reviewer", "department-system", "regulator", "enterprise"];
    expect(rolesOf({ sub: "a", roles })).to.deep.equal(["public"]);
    expect(rolesOf({ sub: "a", roles, departments: ["11110000MB9D0005X5"] })).to.deep.equal(["public"]);
    expect(rolesOf({ sub: "a", roles, departments: { 0: CITY } })).to.deep.equal(["public"]);
    expect(rolesOf({ sub: "a", roles, areas: [110_000] })).to.deep.equal(["public"]);
  });

  it("are read where the mapping says", () => {
    const values = { "ql-audit": "auditor" } as const;
    const nested = { ...OUR_CLAIMS, roles: { claim: "realm_access.roles", values } };
    expect(rolesOf({ sub: "a", realm_access: { roles: ["ql-audit", "operator"] } }, nested)).to.deep.equal([
      "auditor",
      "public",
    ]);
    const dotted = { ...OUR_CLAIMS, roles: { claim: "https://id.example/roles", values } };
    expect(rolesOf({ sub: "a", "https://id.example/roles": "ql-audit" }, dotted)).to.include("auditor");
  });

  it("never make a role out of anything else", () => {
    fc.assert(
      fc.property(fc.object(), (claims) => {
        expect(rolesOf({ ...claims, sub: "a" })).to.deep.equal(["public"]);
      }),
    );
  });
});

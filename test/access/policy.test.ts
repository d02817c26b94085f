import { expect } from "chai";
import fc from "fast-check";
import { type Action, grantFor, grantsFor, POLICY } from "../../backend/src/access/policy.ts";
import { NOBODY, type Principal, type Role, ROLES } from "../../backend/src/access/roles.ts";

const CITY = "11110000MB9D0005X4";
const DISTRICT = "11110108MB9D00068W";
const ENTERPRISE = "91110108MA9D00013X";
const ACTIONS = Object.keys(POLICY) as Action[];

function holder(role: Role, scope: Partial<Principal> = {}): Principal {
  return { ...NOBODY, id: "someone", roles: new Set<Role>([role, "public"]), ...scope };
}

describe("the policy", () => {
  const record = { department: CITY, area: "110000", kind: 4, subject: ENTERPRISE, published: false };

  it("gives nothing to nobody but what is public", () => {
    const open = ACTIONS.filter((action) => grantFor(action, NOBODY, {}) !== null);
    expect(open).to.have.members([
      ...[
        "certificate.check",
        "department.list",
        "type.list",
        "paper.verify",
        "paper.renew",
        "trust.read",
        "chain.ask",
      ],
      ...["liveness.read", "readiness.read", "login.use", "me.read", "open-data.read"],
    ]);
    expect(grantFor("record.read", NOBODY, record)).to.equal(null);
    expect(grantFor("record.read", NOBODY, { ...record, published: true })).to.include({ role: "public" });
  });

  it("keeps record content from those who run and audit the service", () => {
    for (const role of ["operator", "auditor"] as const)
      for (const action of ["record.read", "receipt.read", "history.read", "import.read", "import.submit"] as const)
        expect(grantFor(action, holder(role), record), `${role} ${action}`).to.equal(null);
  });

  it("lets nobody write but for the own department", () => {
    for (const action of ["record.submit", "import.submit"] as const)
      for (const role of ROLES) {
        const mine = grantFor(action, holder(role, { departments: [CITY] }), { department: CITY });
        expect(mine !== null).to.equal(role === "department-officer" || role === "department-system");
        expect(grantFor(action, holder(role, { departments: [CITY] }), { department: DISTRICT })).to.equal(null);
      }
  });

  it("bounds a regulator by area and by kind", () => {
    const reads = (areas: string[], kinds: number[]) =>
      grantFor("record.read", holder("regulator", { areas, kinds }), { ...record, area: "110108" }) !== null;
    expect(reads(["110000"], [4])).to.equal(true);
    expect(reads(["110108"], [4])).to.equal(true);
    expect(reads(["110105"], [4])).to.equal(false);
    expect(reads(["310000"], [4])).to.equal(false);
    expect(reads(["110000"], [1, 2, 3, 5])).to.equal(false);
    expect(reads([], [4])).to.equal(false);
  });

  it("bounds an enterprise by its own code", () => {
    const subjects = ["91110105MA9D00021D"];
    expect(grantFor("history.read", holder("enterprise", { subjects }), record)).to.equal(null);
    expect(grantFor("history.read", holder("enterprise", { subjects: [ENTERPRISE] }), record)).to.not.equal(null);
    expect(grantFor("history.read", holder("enterprise", { subjects: [ENTERPRISE] }), {})).to.equal(null);
  });

  it("never gives less to somebody with one role more", () => {
    const scopes = { departments: [CITY], subjects: [ENTERPRISE], areas: ["110000"], kinds: [4] };
    const roles = fc.subarray([...ROLES]);
    fc.assert(
      fc.property(roles, fc.constantFrom(...ROLES), fc.constantFrom(...ACTIONS), (some, more, action) => {
        const few = { ...NOBODY, ...scopes, roles: new Set(some) };
        const many = { ...few, roles: new Set([...some, more]) };
        expect(grantsFor(action, many).length).to.be.at.least(grantsFor(action, few).length);
        if (grantFor(action, few, record)) expect(grantFor(action, many, record)).to.not.equal(null);
      }),
    );
  });
});

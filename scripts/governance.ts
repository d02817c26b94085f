// Who may call what on the contracts: one table for the launcher, for Ignition and for the tests.
import type { Interface } from "ethers";
import type { AuditLedger, DepartmentRegistry } from "../backend/src/chain/contracts/index.ts";

/** Role ids in AccessManager; 0 is its own ADMIN, who grants the others. */
export const ROLES = {
  ADMIN: 0n,
  /** Day-to-day changes of departments; waits `delays.registrar`. */
  REGISTRAR: 1n,
  /** Stops a department or a key at once; can give nothing back. */
  SENTINEL: 2n,
  /** Cancels what REGISTRAR and STEWARD have scheduled. */
  GUARDIAN: 3n,
  /** Acts once in years: VRF key of a coming year, retirement of the ledger; waits `delays.steward`. */
  STEWARD: 4n,
} as const;

type FunctionName<C extends { interface: unknown }> = C["interface"] extends {
  getFunction(name: infer N): unknown;
}
  ? N & string
  : never;

export const REGISTRY_FUNCTIONS: readonly { role: bigint; names: FunctionName<DepartmentRegistry>[] }[] = [
  {
    role: ROLES.REGISTRAR,
    names: ["register", "setCapabilities", "resume", "rotateSigner", "addStatementKey"],
  },
  { role: ROLES.SENTINEL, names: ["suspend", "revokeKey"] },
  { role: ROLES.STEWARD, names: ["setVrfKey"] },
];

export const LEDGER_FUNCTIONS: readonly { role: bigint; names: FunctionName<AuditLedger>[] }[] = [
  { role: ROLES.STEWARD, names: ["retire"] },
];

/** Four-byte selectors of functions. */
export const selectors = (contract: Interface, names: readonly string[]) =>
  names.map((name) => contract.getFunction(name)!.selector);

/** Roles whose scheduled operations the guardian may cancel. */
export const GUARDED_ROLES = [ROLES.REGISTRAR, ROLES.STEWARD] as const;

/** Accounts that hold the roles (one account may hold several) and their execution delays in seconds. */
export interface Governance {
  admin: string;
  registrar: string;
  sentinel: string;
  guardian: string;
  steward: string;
  delays: { admin: number; registrar: number; steward: number };
}

/** One row a grant: who gets which role, and how long his calls must wait (seconds). */
export function grants(governance: Governance): { role: bigint; account: string; delay: number }[] {
  const { admin, registrar, sentinel, guardian, steward, delays } = governance;
  return [
    { role: ROLES.REGISTRAR, account: registrar, delay: delays.registrar },
    { role: ROLES.SENTINEL, account: sentinel, delay: 0 },
    { role: ROLES.GUARDIAN, account: guardian, delay: 0 },
    { role: ROLES.STEWARD, account: steward, delay: delays.steward },
    { role: ROLES.ADMIN, account: admin, delay: delays.admin },
  ];
}

import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { AuditLedger__factory, DepartmentRegistry__factory } from "../../backend/src/chain/contracts/index.ts";
import { GUARDED_ROLES, LEDGER_FUNCTIONS, REGISTRY_FUNCTIONS, ROLES, selectors } from "../../scripts/governance.ts";

/**
 * AccessManager, DepartmentRegistry and AuditLedger, handed over to the accounts of the parameters; the last step takes
 * the deployer's power away. Each step is journalled, so a run that was broken off goes on where it stopped.
 */
export default buildModule("Quanlian", (m) => {
  const deployer = m.getAccount(0);
  const manager = m.contract("AccessManager", [deployer]);
  const registry = m.contract("DepartmentRegistry", [manager, m.getParameter<string>("vrfKey")]);
  const ledger = m.contract("AuditLedger", [registry, m.getParameter<number>("prefixBits")]);

  const permissions = [
    ...REGISTRY_FUNCTIONS.map(({ role, names }) =>
      m.call(
        manager,
        "setTargetFunctionRole",
        [registry, selectors(DepartmentRegistry__factory.createInterface(), names), role],
        { id: `registry_${role}` },
      ),
    ),
    ...LEDGER_FUNCTIONS.map(({ role, names }) =>
      m.call(
        manager,
        "setTargetFunctionRole",
        [ledger, selectors(AuditLedger__factory.createInterface(), names), role],
        { id: `ledger_${role}` },
      ),
    ),
    ...GUARDED_ROLES.map((role) =>
      m.call(manager, "setRoleGuardian", [role, ROLES.GUARDIAN], { id: `guardian_of_${role}` }),
    ),
  ];
  const holders = [
    { name: "registrar", role: ROLES.REGISTRAR, delay: m.getParameter<number>("registrarDelay") },
    { name: "sentinel", role: ROLES.SENTINEL, delay: 0 },
    { name: "guardian", role: ROLES.GUARDIAN, delay: 0 },
    { name: "steward", role: ROLES.STEWARD, delay: m.getParameter<number>("stewardDelay") },
    { name: "admin", role: ROLES.ADMIN, delay: m.getParameter<number>("adminDelay") },
  ];
  const grants = holders.map(({ name, role, delay }) =>
    m.call(manager, "grantRole", [role, m.getParameter<string>(name), delay], { id: `grant_${name}` }),
  );
  m.call(manager, "renounceRole", [ROLES.ADMIN, deployer], { after: [...permissions, ...grants] });
  return { manager, registry, ledger };
});

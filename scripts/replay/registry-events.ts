import { toBeHex, ZeroAddress, type Log, type LogDescription, type Provider } from "ethers";
import { DepartmentRegistry__factory } from "../../backend/src/chain/contracts/index.ts";
import { blockTimes, Contradiction, inPieces } from "./logs.ts";

/** What held for a department from `since` (Unix seconds) on. */
export interface DepartmentState {
  since: number;
  capabilities: number;
  suspended: boolean;
  signer: string;
}

/** Life of a key: good from `from` until `until` (0: still good), as recorded at `closedAt`; Unix seconds. */
export interface KeyLife {
  from: number;
  until: number;
  closedAt: number;
}

export interface ReplayedDepartment {
  /** Oldest first. */
  history: DepartmentState[];
  /** By statement key thumbprint or left-padded signer address. */
  keys: Map<string, KeyLife>;
}

export interface ReplayedRegistry {
  address: string;
  departments: Map<string, ReplayedDepartment>;
  vrfKeys: { key: string; fromYear: number }[];
}

const contract = DepartmentRegistry__factory.createInterface();

const signerKey = (signer: string) => toBeHex(BigInt(signer), 32);

/** Everything a registry ever recorded, from its events alone. @throws Contradiction */
export async function readRegistry(
  provider: Provider,
  address: string,
  fromBlock: number,
  toBlock: number,
): Promise<ReplayedRegistry> {
  const query = (from: number, to: number) => provider.getLogs({ address, fromBlock: from, toBlock: to });
  const registry: ReplayedRegistry = { address, departments: new Map(), vrfKeys: [] };
  const timeOf = blockTimes(provider);
  let registration: { log: Log; time: number } | undefined;
  for (const log of await inPieces(fromBlock, toBlock, query)) {
    const event = contract.parseLog(log);
    if (!event || event.name === "AuthorityUpdated") continue;
    const time = await timeOf(log.blockNumber);
    if (event.name === "DepartmentRegistered") registration = { log, time };
    apply(registry, event, time, registration !== undefined && isPartOf(registration.log, log));
  }
  return registry;
}

/** A registration announces itself in three events, one after the other, and records one state. */
function isPartOf(registration: Log, log: Log): boolean {
  const distance = log.index - registration.index;
  return log.transactionHash === registration.transactionHash && (distance === 1 || distance === 2);
}

function apply(registry: ReplayedRegistry, { name, args }: LogDescription, time: number, registering: boolean): void {
  if (name === "VrfKeySet") {
    registry.vrfKeys.push({ key: args["key"] as string, fromYear: Number(args["fromYear"]) });
    return;
  }
  const code = args["department"] as string;
  if (name === "DepartmentRegistered") {
    const nothing = { since: time, capabilities: 0, suspended: false, signer: ZeroAddress };
    registry.departments.set(code, { history: [nothing], keys: new Map() });
    return;
  }
  const department = registry.departments.get(code);
  if (!department) throw new Contradiction(`Department ${code} changes before it is registered.`);
  const change = (state: Partial<DepartmentState>) => {
    const present = department.history.at(-1)!;
    if (registering) Object.assign(present, state);
    else department.history.push({ ...present, ...state, since: time });
  };
  const close = (key: string, until: number) => {
    const life = department.keys.get(key);
    if (!life) throw new Contradiction(`Key ${key} of department ${code} ends before it begins.`);
    Object.assign(life, { until, closedAt: time });
  };
  const open = (key: string) => department.keys.set(key, { from: time, until: 0, closedAt: 0 });

  switch (name) {
    case "CapabilitiesSet":
      return change({ capabilities: Number(args["capabilities"]) });
    case "DepartmentSuspended":
      return change({ suspended: true });
    case "DepartmentResumed":
      return change({ suspended: false });
    case "StatementKeyAdded":
      return void open(args["thumbprint"] as string);
    case "SignerRotated": {
      const [, previous, signer] = args as unknown as [string, string, string];
      if (previous !== ZeroAddress) close(signerKey(previous), time);
      open(signerKey(signer));
      return change({ signer });
    }
    case "KeyRevoked": {
      const [, key, since] = args as unknown as [string, string, bigint];
      close(key, Number(since));
      if (key === signerKey(department.history.at(-1)!.signer)) change({ signer: ZeroAddress });
    }
  }
}

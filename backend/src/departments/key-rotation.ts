import { Injectable } from "@nestjs/common";
import { DataSource, type EntityManager } from "typeorm";
import { finalBlock } from "../chain/finality.ts";
import { Ledger } from "../chain/ledger.ts";
import { Config } from "../config.ts";
import { type Act, Findings } from "../findings/findings.ts";
import { Department } from "./department.entity.ts";
import { HostedKey, type KeyPurpose } from "./hosted-key.entity.ts";
import { KeyVault } from "./key-vault.ts";
import { nameOf, newKey, type NewKey, stored, versionOf } from "./keys.ts";

/** Why no key can be made ready. */
export type NotReady = "unknown" | "own-keys" | "hosted-keys" | "other-key-waits";

/** How the registry on chain stands to a key. */
export type Standing = "unknown" | "not-final" | "good" | "ended";

/**
 * Replaces a department's key in three steps, each of which may be repeated after a crash: the new key is made ready, the registry on
 * chain names it, and only then anything is signed with it.
 */
@Injectable()
export class KeyRotation {
  constructor(
    private readonly dataSource: DataSource,
    private readonly vault: KeyVault,
    private readonly ledger: Ledger,
    private readonly config: Config,
    private readonly findings: Findings,
  ) {}

  /**
   * The key that follows the one in use; one that a rotation has left behind is taken up again.
   * @param own what a department brings that keeps its keys itself
   */
  async makeReady(uscc: string, purpose: KeyPurpose, own: NewKey | undefined): Promise<HostedKey | NotReady> {
    return this.dataSource.transaction(async (manager) => {
      const department = await locked(uscc, manager);
      if (!department) return "unknown";
      if (department.keepsOwnKeys !== (own !== undefined)) return department.keepsOwnKeys ? "own-keys" : "hosted-keys";
      const version = versionOf(department, purpose) + 1;
      const waiting = await manager.findOneBy(HostedKey, { department: uscc, purpose, version });
      const standing = waiting ? await this.standingOf(waiting) : "ended";
      if (waiting && standing !== "ended") {
        if (!own || nameOf(own) === nameOf(waiting)) return waiting;
        if (standing !== "unknown") return "other-key-waits";
      }
      const key = stored(uscc, version, own ?? newKey(purpose), this.vault);
      await manager.save(HostedKey, key);
      return key;
    });
  }

  /** @throws ChainUnavailable */
  async standingOf(key: HostedKey): Promise<Standing> {
    const final = await finalBlock(this.config.finality, this.ledger);
    const { from, until } = await this.ledger.lifeOf(key.department, nameOf(key));
    if (until !== 0) return "ended";
    if (from === 0) return "unknown";
    return final && from <= final.time ? "good" : "not-final";
  }

  /** From now on everything is signed with this key, which the registry names. @returns false when somebody else has seen to that */
  async adopt({ department: uscc, purpose, version, ...key }: HostedKey, act: Act): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const department = await locked(uscc, manager);
      if (!department || versionOf(department, purpose) !== version - 1) return false;
      const change = purpose === "signer" ? { signerVersion: version } : { statementKeyVersion: version };
      await manager.update(Department, { uscc }, change);
      const evidence = { ...act, purpose, version, key: nameOf(key) };
      const fingerprint = `KEY_ROTATED ${uscc} ${nameOf(key)}`;
      await this.findings.record(
        { code: "KEY_ROTATED", department: uscc, record: null, fingerprint, evidence },
        manager,
      );
      return true;
    });
  }
}

function locked(uscc: string, manager: EntityManager): Promise<Department | null> {
  return manager.findOne(Department, { where: { uscc }, lock: { mode: "for_no_key_update" } });
}

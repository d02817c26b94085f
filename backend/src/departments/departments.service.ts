import type { PublicJwk, Signer } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { In, type Repository } from "typeorm";
import { signDigest } from "../chain/batch-signing.ts";
import type { Registration } from "../chain/registry.ts";
import type { Hex } from "@quanlian/proof";
import { ConfigError } from "../config.ts";
import { Refusal } from "../http/refusal.ts";
import { Department } from "./department.entity.ts";
import { HostedKey, type KeyPurpose } from "./hosted-key.entity.ts";
import { firstKeys, nameOf, type NewKey, secretContext, stored, versionOf } from "./keys.ts";
import { KeyVault } from "./key-vault.ts";
import type { OwnKeys } from "./own-keys.ts";
import { statementSigner } from "./statement-key.ts";

/** A department to be entered: who it is and what it may submit. */
export interface NewDepartment {
  readonly uscc: string;
  readonly nameZh: string;
  readonly nameEn: string;
  /** GB/T 2260, six digits. */
  readonly area: string;
  /** Kinds 1 to 5, and 15 for REVIEW. */
  readonly capabilities: readonly number[];
  /** Absent: the platform makes keys for it and keeps them. */
  readonly ownKeys?: OwnKeys;
}

const FIRST_VERSION = 1;

/** Departments and the keys that the platform keeps for them. */
@Injectable()
export class DepartmentsService {
  readonly #signers = new Map<string, Signer>();
  #asked: Promise<ReadonlyMap<string, Department>> | undefined;

  constructor(
    @InjectRepository(Department) private readonly departments: Repository<Department>,
    @InjectRepository(HostedKey) private readonly keys: Repository<HostedKey>,
    private readonly vault: KeyVault,
  ) {}

  all(): Promise<Department[]> {
    return this.departments.find({ order: { uscc: "ASC" } });
  }

  /** The department as it is now; requests that arrive together share one question to the database. */
  async current(uscc: string): Promise<Department | undefined> {
    this.#asked ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
      this.#asked = undefined;
      return this.departments.find().then((all) => new Map(all.map((department) => [department.uscc, department])));
    });
    return (await this.#asked).get(uscc);
  }

  async byUscc(usccs: Iterable<string>): Promise<ReadonlyMap<string, Department>> {
    const found = await this.departments.findBy({ uscc: In([...new Set(usccs)]) });
    return new Map(found.map((department) => [department.uscc, department]));
  }

  /** @throws Refusal DEPARTMENT_UNKNOWN */
  async registered(uscc: string): Promise<Department> {
    const department = await this.departments.findOneBy({ uscc });
    if (!department?.registeredAt) throw new Refusal("DEPARTMENT_UNKNOWN");
    return department;
  }

  /**
   * Enters a department, with its own keys or with freshly generated hosted ones; what is there already stays as it is.
   * @returns what the registry on chain must then be told
   * @throws ConfigError when other keys than these are there: changing hands is a matter of rotating them
   */
  async enter(department: NewDepartment): Promise<Registration> {
    const { uscc, nameZh, nameEn, area } = department;
    const capabilities = department.capabilities.reduce((bits, capability) => bits | (1 << capability), 0);
    const keepsOwnKeys = department.ownKeys !== undefined;
    const first = firstKeys(department.ownKeys);
    await this.#checkHands(uscc, first);
    await this.departments.upsert({ uscc, nameZh, nameEn, area, capabilities, keepsOwnKeys }, ["uscc"]);
    for (const key of first) await this.#keep(stored(uscc, FIRST_VERSION, key, this.vault));
    const [signer, statementKey] = [await this.#inUse(uscc, "signer"), await this.#inUse(uscc, "statement")];
    return { department: uscc, capabilities, signer: nameOf(signer), statementKey: nameOf(statementKey) };
  }

  async #checkHands(uscc: string, first: readonly NewKey[]): Promise<void> {
    const known = await this.departments.findOneBy({ uscc });
    if (!known) return;
    for (const key of first) {
      const { purpose } = key;
      const kept = await this.keys.findOneBy({ department: uscc, purpose, version: versionOf(known, purpose) });
      const isOther = kept && (kept.sealedSecret ? !key.secret : key.secret || nameOf(kept) !== nameOf(key));
      if (isOther) throw new ConfigError(`Department ${uscc} is entered with other keys.`);
    }
  }

  /** Notes that the registry on chain holds the department: from now on it may submit. */
  async confirmRegistered(uscc: string): Promise<void> {
    await this.departments.update({ uscc }, { registeredAt: new Date() });
  }

  /** The department's hosted statement key, ready to sign. @throws Refusal KEYS_SELF_HELD */
  async statementSigner(uscc: string): Promise<Signer> {
    const department = (await this.current(uscc))!;
    const name = `${uscc} ${department.statementKeyVersion}`;
    const known = this.#signers.get(name);
    if (known) return known;
    const key = await this.#keyOf(department, "statement");
    const signer = statementSigner(this.#secretOf(key), key.publicKey as unknown as PublicJwk);
    this.#signers.set(name, signer);
    return signer;
  }

  /** Public statement keys by thumbprint. */
  async statementKeys(thumbprints: readonly Hex[]): Promise<ReadonlyMap<Hex, PublicJwk>> {
    const found = await this.keys.findBy({ purpose: "statement", thumbprint: In([...new Set(thumbprints)]) });
    return new Map(found.map((key) => [key.thumbprint!, key.publicKey as unknown as PublicJwk]));
  }

  /** A department's statement key by its thumbprint; undefined when it is another's, or nobody's. */
  async statementKeyOf(department: string, print: Hex): Promise<PublicJwk | undefined> {
    const key = await this.keys.findOneBy({ department, purpose: "statement", thumbprint: print });
    return key ? (key.publicKey as unknown as PublicJwk) : undefined;
  }

  /** Signs a batch digest with the department's hosted signer. @throws Refusal KEYS_SELF_HELD */
  async signBatch(department: string, digest: Hex): Promise<Hex> {
    return signDigest(this.#secretOf(await this.#inUse(department, "signer")), digest);
  }

  async #keep(key: HostedKey): Promise<void> {
    await this.keys.createQueryBuilder().insert().values(key).orIgnore().execute();
  }

  async #inUse(uscc: string, purpose: KeyPurpose): Promise<HostedKey> {
    return this.#keyOf(await this.departments.findOneByOrFail({ uscc }), purpose);
  }

  #keyOf(department: Department, purpose: KeyPurpose): Promise<HostedKey> {
    const version = versionOf(department, purpose);
    return this.keys.findOneByOrFail({ department: department.uscc, purpose, version });
  }

  #secretOf({ department, purpose, sealedSecret }: HostedKey): Buffer {
    if (!sealedSecret) throw new Refusal("KEYS_SELF_HELD");
    return this.vault.open(sealedSecret, secretContext(department, purpose));
  }
}

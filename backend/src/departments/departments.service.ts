import type { PublicJwk, Signer } from "@quanlian/proof";
import { thumbprint } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { In, type Repository } from "typeorm";
import { newSigner, signDigest } from "../chain/batch-signing.ts";
import type { Registration } from "../chain/registry.ts";
import type { Hex } from "@quanlian/proof";
import { ConfigError } from "../config.ts";
import { Refusal } from "../http/refusal.ts";
import { Department } from "./department.entity.ts";
import { HostedKey, type KeyPurpose } from "./hosted-key.entity.ts";
import { KeyVault } from "./key-vault.ts";
import { newStatementKey, statementSigner } from "./statement-key.ts";

/** The public halves of the keys that a department keeps itself. */
export interface OwnKeys {
  /** Account of its batch signer. */
  readonly signer: Hex;
  readonly statementKey: PublicJwk;
}

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
    await this.#checkHands(uscc, department.ownKeys);
    await this.departments.upsert({ uscc, nameZh, nameEn, area, capabilities, keepsOwnKeys }, ["uscc"]);
    const { signer, statement } = department.ownKeys ? publicHalves(department.ownKeys) : newKeys();
    await this.#keep(uscc, "signer", signer.secret, { address: signer.address }, null);
    await this.#keep(uscc, "statement", statement.secret, { ...statement.publicJwk }, thumbprint(statement.publicJwk));
    const kept = await this.keys.findBy({ department: uscc });
    return {
      department: uscc,
      capabilities,
      signer: kept.find(({ purpose }) => purpose === "signer")!.publicKey.address as Hex,
      statementKey: kept.find(({ purpose }) => purpose === "statement")!.thumbprint!,
    };
  }

  async #checkHands(department: string, own: OwnKeys | undefined): Promise<void> {
    const kept = await this.keys.findBy({ department });
    const isOther = ({ purpose, publicKey, sealedSecret }: HostedKey) => {
      if (!own || sealedSecret) return (own !== undefined) === (sealedSecret !== null);
      return purpose === "signer" ? publicKey.address !== own.signer : publicKey.x !== own.statementKey.x;
    };
    if (kept.some(isOther)) throw new ConfigError(`Department ${department} is entered with other keys.`);
  }

  /** Notes that the registry on chain holds the department: from now on it may submit. */
  async confirmRegistered(uscc: string): Promise<void> {
    await this.departments.update({ uscc }, { registeredAt: new Date() });
  }

  /** The department's hosted statement key, ready to sign. @throws Refusal KEYS_SELF_HELD */
  async statementSigner(department: string): Promise<Signer> {
    const known = this.#signers.get(department);
    if (known) return known;
    const { secret, key } = await this.#open(department, "statement");
    const signer = statementSigner(secret, key.publicKey as unknown as PublicJwk);
    this.#signers.set(department, signer);
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

  /** The public half of a department's statement key. */
  async ownStatementKey(department: string): Promise<PublicJwk> {
    const key = await this.keys.findOneByOrFail({ department, purpose: "statement" });
    return key.publicKey as unknown as PublicJwk;
  }

  /** Signs a batch digest with the department's hosted signer. @throws Refusal KEYS_SELF_HELD */
  async signBatch(department: string, digest: Hex): Promise<Hex> {
    const { secret } = await this.#open(department, "signer");
    return signDigest(secret, digest);
  }

  async #keep(
    department: string,
    purpose: KeyPurpose,
    secret: Uint8Array | null,
    publicKey: Record<string, string>,
    keyThumbprint: Hex | null,
  ): Promise<void> {
    const sealedSecret = secret && this.vault.seal(secret, `${department}/${purpose}`);
    await this.keys
      .createQueryBuilder()
      .insert()
      .values({ department, purpose, publicKey, thumbprint: keyThumbprint, sealedSecret })
      .orIgnore()
      .execute();
  }

  async #open(department: string, purpose: KeyPurpose): Promise<{ secret: Buffer; key: HostedKey }> {
    const key = await this.keys.findOneByOrFail({ department, purpose });
    if (!key.sealedSecret) throw new Refusal("KEYS_SELF_HELD");
    return { secret: this.vault.open(key.sealedSecret, `${department}/${purpose}`), key };
  }
}

function newKeys() {
  return { signer: newSigner(), statement: newStatementKey() };
}

function publicHalves({ signer, statementKey }: OwnKeys) {
  return { signer: { secret: null, address: signer }, statement: { secret: null, publicJwk: statementKey } };
}

import type { SealedBatch, UnsignedSupersession } from "@quanlian/proof";
import {
  checkSealed,
  checkSupersession,
  Refusal,
  signDigest,
  type AgentRules,
  type CheckedBatch,
  type JournalEntry,
} from "./agent.ts";
import type { Journal } from "./journal.ts";
import { addressOf } from "./keygen.ts";
import { harmless } from "./print.ts";
import type { Service } from "./service.ts";

export interface SigningSettings {
  readonly service: Service;
  readonly rules: AgentRules;
  readonly secretKey: Uint8Array;
  readonly journal: Journal<JournalEntry>;
  /** Whether to go ahead with a batch that has been checked and shown. */
  readonly confirm: (batch: SealedBatch, checked: CheckedBatch) => Promise<boolean>;
}

/** All that is waiting is signed; something was refused; the service could not be asked. */
export type Outcome = "signed" | "refused" | "unreachable";

/** Signs what the service says is waiting, batches first, until nothing is. Whatever is refused stays unsigned and is named. */
export async function signWaiting(settings: SigningSettings): Promise<Outcome> {
  try {
    const batches = await signBatches(settings);
    const supersessions = await signSupersessions(settings);
    return batches && supersessions ? "signed" : "refused";
  } catch (error) {
    say(`the service does not answer: ${(error as Error).message}`);
    return "unreachable";
  }
}

export function say(text: string): void {
  process.stdout.write(`${harmless(text)}\n`);
}

/** @returns whether none was refused; the batches behind a refused one cannot be anchored before it */
async function signBatches(settings: SigningSettings): Promise<boolean> {
  const { service, rules } = settings;
  let last = 0;
  for (;;) {
    const { batches } = await service.get(`/api/v1/departments/${rules.department}/batches/unsigned`);
    const waiting = (listed(batches) as SealedBatch[]).filter(({ sequence }) => sequence > last);
    if (waiting.length === 0) return true;
    for (const batch of waiting) {
      if (!(await attempt(`batch ${batch.sequence}`, () => signBatch(batch, settings)))) return false;
      last = batch.sequence;
    }
  }
}

async function signBatch(batch: SealedBatch, settings: SigningSettings): Promise<void> {
  const { service, rules, secretKey, journal } = settings;
  const checked = checkSealed(batch, rules, journal.entries);
  if (!(await settings.confirm(batch, checked))) throw new Refusal("nobody confirmed it");
  await journal.write(checked.signed);
  const { kind, year, sequence } = batch;
  const signature = signDigest(checked.digest, secretKey);
  const path = `/api/v1/departments/${rules.department}/batches/${sequence}/signature`;
  await hand(service, path, { kind, year, entriesHash: checked.signed.entriesHash, signature });
  say(`batch ${sequence} signed by ${addressOf(secretKey)}`);
}

async function signSupersessions(settings: SigningSettings): Promise<boolean> {
  const { service, rules, secretKey, journal } = settings;
  const { supersessions } = await service.get(`/api/v1/departments/${rules.department}/supersessions/unsigned`);
  let allSigned = true;
  for (const supersession of listed(supersessions) as UnsignedSupersession[]) {
    const { successor } = supersession;
    const done = await attempt(`supersession by ${successor}`, async () => {
      const checked = checkSupersession(supersession, rules, journal.entries);
      await journal.write(checked.signed);
      const path = `/api/v1/departments/${rules.department}/supersessions/${successor}/signature`;
      await hand(service, path, { signature: signDigest(checked.digest, secretKey) });
      say(`supersession of ${supersession.recordHash} signed by ${addressOf(secretKey)}`);
    });
    allSigned &&= done;
  }
  return allSigned;
}

async function attempt(what: string, sign: () => Promise<void>): Promise<boolean> {
  try {
    await sign();
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(`${what} NOT signed: ${error.message}`);
    return false;
  }
}

async function hand(service: Service, path: string, body: object): Promise<void> {
  const { status, body: answer } = await service.ask("PUT", path, body);
  if (status >= 500) throw new Error(`HTTP ${status}`);
  if (status >= 300)
    throw new Refusal(`the service did not take the signature (HTTP ${status} ${String(answer.code)})`);
}

/** Whatever stands in it is checked before it is signed. */
function listed(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("the answer holds no list");
  return value;
}

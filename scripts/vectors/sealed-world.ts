import {
  streamKey as streamKeyOf,
  thumbprint,
  type Hex,
  type Kind,
  type Receipt,
  type TrustedChain,
} from "@quanlian/proof";
import { encodeRlp, getBytes, hexlify, toBeArray, toBeHex } from "ethers";
import { assembleFinalityProof } from "../../proof/src/finality/assemble.ts";
import { buildTrie } from "../../proof/src/finality/build-trie.ts";
import type { FinalityProof } from "../../proof/src/finality/finality-proof.ts";
import {
  partQuestions,
  receiptQuestions,
  renewalQuestions,
  type StateQuestions,
} from "../../proof/src/finality/questions.ts";
import { encodeInteger } from "../../proof/src/finality/rlp.ts";
import { ledgerSlots, registrySlots } from "../../proof/src/finality/storage.ts";
import type { QbftTrust } from "../../proof/src/finality/validators.ts";
import { seededBytes, type Issued, type World } from "../../proof/testing/world.ts";
import { anchoredLog, rawReceipt } from "../../test/finality/anchored.ts";
import { addresses, institutions, sealBlock, type Block, type Validator } from "../../test/finality/sealed-chain.ts";
import { stateOf } from "../../test/finality/state.ts";

type Words = Record<Hex, Hex>;

/** A {@link World} whose blocks four institutions seal, with the state and the receipts that its contracts would leave behind. */
export class SealedWorld {
  readonly world: World;
  readonly validators: Validator[];
  readonly qbft: QbftTrust;
  readonly #vrfKey: Hex;

  /** @param vrfKey what the registry holds */
  constructor(world: World, name: string, vrfKey: Hex = world.trusted.vrfKeys[0]!.key) {
    this.world = world;
    this.validators = institutions(name, 4);
    this.#vrfKey = vrfKey;
    const { genesisHash } = world.trusted;
    const sets = [{ from: 1, until: null, validators: addresses(this.validators) }];
    this.qbft = { epochLength: 30_000, sets, pins: [{ number: 0, hash: genesisHash }] };
  }

  get trusted(): TrustedChain {
    return { ...this.world.trusted, qbft: this.qbft };
  }

  /** The sealed block of that number. */
  block(number: number): Block {
    return sealBlock({
      number,
      members: this.validators,
      stateRoot: this.#state(number).root,
      receiptsRoot: this.#receiptsTrie(number).root,
      timestamp: this.world.blockTime(number),
    });
  }

  /** A proof about one block. */
  proof(number: number, accounts: StateQuestions, transactions: readonly number[] = []): FinalityProof {
    const state = this.#state(number);
    const answers = accounts.map(({ address, slots }) => state.answer(address, slots));
    const raw = hexlify(this.block(number).raw) as Hex;
    const said = { header: raw, rawReceipts: this.#receipts(number), accounts: answers };
    return assembleFinalityProof(said, { transactions, accounts });
  }

  /** The receipt of a record with the proof of its own block. */
  receipt(record: Issued, names?: readonly string[]): Receipt {
    const receipt = this.world.receipt(record, names);
    const { blockNumber } = receipt.anchor;
    const finality = this.proof(blockNumber, this.#keyQuestions(record), [0]);
    return { ...receipt, anchor: { ...receipt.anchor, blockHash: this.block(blockNumber).hash }, finality };
  }

  /** The same, renewed: proven by the state of a later block, what became of the record included. */
  renewed(record: Issued, atBlock: number): Receipt {
    const receipt = this.receipt(record);
    const { department, sequence } = receipt.batch;
    const asked = { department, sequence, recordHash: record.recordHash, thumbprint: this.#thumbprint(record) };
    return { ...receipt, finality: this.proof(atBlock, renewalQuestions(this.trusted, asked, this.#lengths())) };
  }

  /** The state behind a part of a certificate at a block: its streams and the records that it shows. */
  partProof(
    number: number,
    streams: readonly { kind: Kind; year: number; streamKey: Hex }[],
    shown: readonly Issued[],
  ) {
    const records = shown.map((record) => {
      const { department, sequence } = this.world.receipt(record).batch;
      return { department, sequence, recordHash: record.recordHash, thumbprint: this.#thumbprint(record) };
    });
    const lengths = this.#lengths();
    const { prefixBits } = this.trusted;
    return this.proof(number, partQuestions(this.trusted, { streams, records, prefixBits }, lengths));
  }

  /** The key of a stream of this world. */
  streamKey(subject: Parameters<typeof streamKeyOf>[1], kind: Kind, year: number): Hex {
    return streamKeyOf(seededBytes(`${this.world.seed}/vrf`)(32), subject, kind, year);
  }

  #thumbprint({ department }: Issued): Hex {
    return thumbprint(department.signer.publicJwk, this.world.suite);
  }

  #lengths() {
    return { history: new Map(this.world.departments.map(({ code }) => [code, 1])), vrfKeys: 1 };
  }

  #keyQuestions(record: Issued): StateQuestions {
    const key = { department: record.department.code, thumbprint: this.#thumbprint(record) };
    return receiptQuestions(this.trusted, [key], this.#lengths());
  }

  #receipts(number: number): Hex[] {
    const { transactions, batches } = this.world.recorded();
    return transactions
      .filter(({ blockNumber }) => blockNumber === number)
      .map(({ logs: [log] }) => {
        const row = batches.find(({ anchoredAt }) => anchoredAt === this.world.blockTime(number))!;
        const entriesHash: Hex = `0x${log!.data.slice(-64)}`;
        return rawReceipt([anchoredLog({ ...row, entriesHash }, this.trusted.ledger)]);
      });
  }

  #receiptsTrie(number: number) {
    return buildTrie(this.#receipts(number).map((raw, i) => ({ key: encodeInteger(i), value: getBytes(raw) })));
  }

  #state(number: number) {
    const encode = (words: Words) =>
      Object.fromEntries(Object.entries(words).map(([slot, word]) => [slot, getBytes(encodeRlp(toBeArray(word)))]));
    const { ledger, registry } = this.trusted;
    return stateOf({ [ledger]: encode(this.#ledgerWords(number)), [registry]: encode(this.#registryWords(number)) });
  }

  #ledgerWords(number: number): Words {
    const { batches, heads, supersessions, retired } = this.world.recorded();
    const now = this.world.blockTime(number);
    const words: Words = {};
    const put = (slots: readonly Hex[], values: readonly Hex[]) =>
      slots.forEach((slot, i) => void (words[slot] = values[i]!));
    for (const { department, sequence, root, kind, year, count, anchoredAt } of batches)
      if (anchoredAt <= now)
        put(ledgerSlots.batch(department, sequence), [root, pack([kind, 1], [year, 2], [count, 4], [anchoredAt, 8])]);
    for (const { kind, year, bucket, head, block } of heads)
      if (block <= number) put([ledgerSlots.head(kind, year, BigInt(bucket))], [head]);
    for (const { department, recordHash, successor, by, reason, at } of supersessions)
      if (at <= now)
        put(ledgerSlots.supersession(department, recordHash), [
          successor,
          pack([BigInt(hexlify(Buffer.from(by))), 18], [reason, 1], [at, 8]),
        ]);
    if (retired && retired.block <= number) put([ledgerSlots.retiredFor()], [pack([BigInt(retired.successor), 20])]);
    return words;
  }

  #registryWords(number: number): Words {
    const { keys } = this.world.recorded();
    const now = this.world.blockTime(number);
    const words: Words = { [registrySlots.vrfKeysLength()]: pack([1, 32]) };
    const [vrfKey, fromYear] = registrySlots.vrfKey(0) as [Hex, Hex];
    words[vrfKey] = this.#vrfKey;
    words[fromYear] = pack([0, 2]);
    for (const { department, kinds, thumbprint: key, from, until } of keys) {
      const capabilities = kinds.reduce((bits, kind) => bits | (1 << kind), 0);
      words[registrySlots.historyLength(department)] = pack([1, 32]);
      words[registrySlots.historyEntry(department, 0)] = pack([from, 8], [capabilities, 2], [0, 1], [1, 20]);
      const end = until !== null && until <= now ? until : 0;
      words[registrySlots.key(department, key)] = pack([from, 8], [end, 8], [end && now, 8]);
    }
    return Object.fromEntries(Object.entries(words).filter(([, word]) => BigInt(word) !== 0n));
  }
}

/** Values with their sizes in bytes, from the right end of the word on, as Solidity packs them. */
function pack(...members: readonly (readonly [number | bigint, number])[]): Hex {
  const [word] = members.reduce<[bigint, bigint]>(
    ([bits, at], [value, size]) => [bits | (BigInt(value) << at), at + BigInt(8 * size)],
    [0n, 0n],
  );
  return toBeHex(word, 32) as Hex;
}

import { buildCertificate, bundleReceipts, type Certificate, type Code, type Hex, type Receipt } from "@quanlian/proof";
import { decodeRlp, encodeRlp, hexlify, keccak256, toBeHex, type RlpStructuredData } from "ethers";
import { assembleFinalityProof } from "../../proof/src/finality/assemble.ts";
import type { FinalityProof } from "../../proof/src/finality/finality-proof.ts";
import type { FinalityCode } from "../../proof/src/finality/codes.ts";
import type { QbftTrust } from "../../proof/src/finality/validators.ts";
import { DISTRICT, ENTERPRISE, MUNICIPAL, OTHER_ENTERPRISE, World } from "../../proof/testing/world.ts";
import { anchoredLog, batch, ledger, provenReceipt, rawReceipt } from "../../test/finality/anchored.ts";
import { besuTrust, laterRounds, network, rawHeader } from "../../test/finality/besu.ts";
import { addresses, institution, institutions, sealBlock, sealRun } from "../../test/finality/sealed-chain.ts";
import { copy, deciding, otherHex, VALID, type Mutable, type VectorCase, type VectorFile } from "./case.ts";
import { SealedWorld } from "./sealed-world.ts";

// Proofs by themselves ------------------------------------------------------------------------------------------------

const members = institutions("vectors", 4);
const qbft: QbftTrust = {
  epochLength: 1000,
  sets: [{ from: 0, until: null, validators: addresses(members) }],
  pins: [],
};
const block = { number: 120, members };
const transfer = rawReceipt([], { type: 0 });
const receipts = [transfer, rawReceipt([anchoredLog()]), rawReceipt([], { status: 0 })];
const eventProof = provenReceipt(block, receipts, 1);

interface Asked {
  readonly proof: unknown;
  readonly qbft: QbftTrust;
  readonly ledger: Hex;
}

const refused = (code: FinalityCode) => ({ ok: false, code });

function proofCase(id: string, note: string, asked: Partial<Asked>, expected: Record<string, unknown>): VectorCase {
  const input = { proof: eventProof, qbft, ledger, ...asked };
  return { id: `finality/${id}`, note, op: "finalityProof", input, expected };
}

const proven = {
  ok: true,
  number: 120,
  hash: sealBlock({ ...block, receiptsRoot: receiptsRootOf(eventProof) }).hash,
  events: [batch],
  accounts: [],
};

/** The receipts root that a proof's header names. */
function receiptsRootOf({ nodes }: FinalityProof): string {
  return keccak256(nodes[0]!);
}

/** The items of a header's extra data: vanity, validators, vote, round, seals. */
function extraDataOf(header: Hex): [string, string[], RlpStructuredData, string, string[]] {
  return decodeRlp((decodeRlp(header) as string[])[12]!) as ReturnType<typeof extraDataOf>;
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The first seal as r ‖ n − s ‖ 1 − v: the same key, another spelling. */
function highS(header: Hex): Hex {
  const [vanity, validators, vote, round, [seal, ...others]] = extraDataOf(header);
  const s = toBeHex(ORDER - BigInt(`0x${seal!.slice(66, 130)}`), 32).slice(2);
  const other = `${seal!.slice(0, 66)}${s}${seal!.endsWith("00") ? "01" : "00"}`;
  const fields = decodeRlp(header) as RlpStructuredData[];
  const extraData = encodeRlp([vanity, validators, vote, round, [other, ...others]]);
  return encodeRlp(fields.map((field, i) => (i === 12 ? extraData : field))) as Hex;
}

function sealedBy(count: number, changes: object = {}): FinalityProof {
  const { header: _, ...rest } = eventProof;
  const plan = { ...block, receiptsRoot: receiptsRootOf(eventProof), sealers: members.slice(0, count), ...changes };
  return { header: hexlify(sealBlock(plan).raw) as Hex, ...rest };
}

function besuCases(): VectorCase[] {
  const { proof: account, proofNoAccount, proofBlock } = network;
  const slots = account.storageProof.map(({ key }) => toBeHex(BigInt(key), 32) as Hex);
  const asked = [
    { address: account.address, slots },
    { address: proofNoAccount.address, slots: [] },
  ];
  const header = network.rawHeaders[2]!;
  const said = { header, rawReceipts: [], accounts: [account, proofNoAccount] };
  const words = account.storageProof.map(({ key, value }) => ({
    slot: toBeHex(BigInt(key), 32),
    word: toBeHex(BigInt(value), 32),
  }));
  const receipt = assembleFinalityProof(
    { header: network.rawHeaders[1]!, rawReceipts: network.rawReceipts, accounts: [] },
    { transactions: [Number(network.receipt.transactionIndex)], accounts: [] },
  );
  const laterRound = (index: number) => {
    const answer = laterRounds[index]!;
    const raw = hexlify(rawHeader(answer)) as Hex;
    const validators = extraDataOf(raw)[1].map((address) => address.toLowerCase() as Hex);
    return proofCase(
      `besu-round-${index}`,
      "a real block that was decided in a later round",
      {
        proof: { kind: "qbft", header: raw, transactions: [], accounts: [], nodes: [] },
        qbft: { epochLength: 30_000, sets: [{ from: 0, until: null, validators }], pins: [] },
      },
      { ok: true, number: Number(answer.number), hash: answer.hash, events: [], accounts: [] },
    );
  };
  return [
    proofCase(
      "besu-state",
      "a real block's state: a used slot, a mapping's, an absent one, and an account that is not there",
      { proof: assembleFinalityProof(said, { transactions: [], accounts: asked }), qbft: besuTrust },
      {
        ok: true,
        number: Number(proofBlock.number),
        hash: proofBlock.hash,
        events: [],
        accounts: [
          { address: account.address, slots: words },
          { address: proofNoAccount.address, slots: null },
        ],
      },
    ),
    proofCase(
      "besu-receipt",
      "a real receipt, of a contract that is no ledger",
      { proof: receipt, qbft: besuTrust },
      refused("EVENT_NOT_FOUND"),
    ),
    laterRound(0),
    laterRound(1),
  ];
}

function sealCases(): VectorCase[] {
  const others = addresses(institutions("vectors elsewhere", 4));
  const trusting = (changes: Partial<QbftTrust>): Partial<Asked> => ({ qbft: { ...qbft, ...changes } });
  const { hash } = proven;
  const stranger = institution("stranger");
  const [first, second, third] = members as [(typeof members)[0], (typeof members)[0], (typeof members)[0]];
  return [
    proofCase("event", "the batch that a transaction anchored, by the trust list alone", {}, proven),
    proofCase("all-seals", "all four have sealed", { proof: sealedBy(4) }, proven),
    proofCase("two-of-four", "one seal too few", { proof: sealedBy(2) }, refused("SEALS_BELOW_QUORUM")),
    proofCase("no-seal", "no seal at all", { proof: sealedBy(0) }, refused("SEALS_BELOW_QUORUM")),
    proofCase(
      "seal-twice",
      "one validator sealed twice",
      { proof: sealedBy(0, { sealers: [first, second, second] }) },
      refused("SEAL_DUPLICATE"),
    ),
    proofCase(
      "five-seals",
      "more seals than validators",
      { proof: sealedBy(0, { sealers: [...members, first] }) },
      refused("SEAL_DUPLICATE"),
    ),
    proofCase(
      "seal-stranger",
      "a stranger sealed beside a quorum",
      { proof: sealedBy(0, { sealers: [first, second, third, stranger] }) },
      refused("SEAL_NOT_VALIDATOR"),
    ),
    proofCase(
      "other-round",
      "seals of another round",
      { proof: sealedBy(3, { round: 1, sealedRound: 0 }) },
      refused("SEAL_NOT_VALIDATOR"),
    ),
    proofCase("round-1", "decided in round 1", { proof: sealedBy(3, { round: 1 }) }, proven),
    proofCase(
      "tail",
      "fields that a later fork appended enter the hash and are not looked at",
      { proof: sealedBy(3, { tail: ["0x", "0x1234", ["0x01", []]] }) },
      { ok: true, number: 120, events: [batch] },
    ),
    proofCase(
      "other-validators",
      "validators that the list does not name",
      trusting({ sets: [{ from: 0, until: null, validators: others }] }),
      refused("VALIDATORS_MISMATCH"),
    ),
    proofCase(
      "no-set",
      "no set for this number",
      trusting({ sets: [{ from: 121, until: null, validators: addresses(members) }] }),
      refused("VALIDATORS_UNKNOWN"),
    ),
    proofCase(
      "closed-set",
      "the set's interval ended before the block",
      trusting({
        sets: [
          { from: 0, until: 119, validators: addresses(members) },
          { from: 120, until: null, validators: others },
        ],
      }),
      refused("VALIDATORS_MISMATCH"),
    ),
    proofCase(
      "pinned",
      "the list pins the block: seals are not looked at",
      { proof: sealedBy(0), ...trusting({ pins: [{ number: 120, hash }] }) },
      proven,
    ),
    proofCase(
      "pinned-otherwise",
      "the list pins another block of that number",
      trusting({ pins: [{ number: 120, hash: otherHex(hash) }] }),
      refused("BLOCK_CONTRADICTS_PIN"),
    ),
    proofCase(
      "high-s",
      "the other spelling of a seal: n − s",
      { proof: { ...eventProof, header: highS(eventProof.header) } },
      refused("SEAL_MALFORMED"),
    ),
  ];
}

function trieCases(): VectorCase[] {
  const { nodes } = eventProof;
  const with_ = (changes: Partial<FinalityProof>) => ({ proof: { ...eventProof, ...changes } });
  const wrongType = provenReceipt(block, [transfer, rawReceipt([anchoredLog()], { type: 5 })], 1);
  const overlongHeader = `${eventProof.header}00` as Hex;
  return [
    proofCase(
      "kind",
      "an unknown kind of proof",
      { proof: { ...eventProof, kind: "ibft" } },
      refused("PROOF_MALFORMED"),
    ),
    proofCase("extra", "one member more", { proof: { ...eventProof, more: 1 } }, refused("PROOF_MALFORMED")),
    proofCase("twice", "a transaction asked for twice", with_({ transactions: [1, 1] }), refused("PROOF_MALFORMED")),
    proofCase(
      "header-cut",
      "a header cut off",
      with_({ header: eventProof.header.slice(0, -2) as Hex }),
      refused("HEADER_MALFORMED"),
    ),
    proofCase(
      "header-long",
      "something behind the header",
      with_({ header: overlongHeader }),
      refused("HEADER_MALFORMED"),
    ),
    proofCase(
      "node-cut",
      "the last node is missing",
      with_({ nodes: nodes.slice(0, -1) }),
      refused("TRIE_PROOF_TRUNCATED"),
    ),
    proofCase(
      "node-more",
      "a node that nothing needs",
      with_({ nodes: [...nodes, nodes[0]!] }),
      refused("TRIE_PROOF_OVERLONG"),
    ),
    proofCase(
      "node-order",
      "nodes in another order",
      with_({ nodes: [...nodes].reverse() }),
      refused("TRIE_HASH_MISMATCH"),
    ),
    proofCase(
      "node-altered",
      "a byte of a node",
      with_({ nodes: nodes.map((node, i) => (i === 0 ? otherHex(node) : node)) }),
      refused("TRIE_HASH_MISMATCH"),
    ),
    proofCase(
      "other-header",
      "the header of another block",
      { proof: { ...eventProof, header: hexlify(sealBlock(block).raw) } },
      refused("TRIE_HASH_MISMATCH"),
    ),
    proofCase(
      "other-ledger",
      "the event of another contract",
      { ledger: otherHex(ledger) },
      refused("EVENT_NOT_FOUND"),
    ),
    proofCase(
      "failed",
      "a transaction that failed",
      { proof: provenReceipt(block, receipts, 2) },
      refused("TRANSACTION_FAILED"),
    ),
    proofCase("type-5", "a transaction of an unknown type", { proof: wrongType }, refused("RECEIPT_TYPE_UNKNOWN")),
    ...[0, 1, 2, 3, 4].map((type) =>
      proofCase(
        `type-of-${type}`,
        "a known type of transaction",
        { proof: provenReceipt(block, [rawReceipt([anchoredLog()], { type })], 0) },
        { ok: true, events: [batch] },
      ),
    ),
    proofCase(
      "place-200",
      "a late place in a long block",
      {
        proof: provenReceipt(
          block,
          Array.from({ length: 201 }, (_, i) => (i === 200 ? receipts[1]! : transfer)),
          200,
        ),
      },
      { ok: true, events: [batch] },
    ),
    proofCase(
      "sequence-large",
      "a sequence beyond 2^53 − 1",
      {
        proof: provenReceipt(
          block,
          [rawReceipt([{ ...anchoredLog(), topics: [...anchoredLog().topics.slice(0, 2), toBeHex(2n ** 53n, 32)] }])],
          0,
        ),
      },
      refused("EVENT_MALFORMED"),
    ),
  ];
}

function changeCases(): VectorCase[] {
  const newcomer = institution("vectors newcomer");
  const five = [...members, newcomer].sort((a, b) => (a.address < b.address ? -1 : 1));
  const vote = (voter: number, add = true) => ({
    members,
    miner: members[voter]!,
    vote: { recipient: newcomer.address, add },
  });
  const run = (plans: Parameters<typeof sealRun>[1]) => sealRun(10, plans).map(({ raw }) => hexlify(raw));
  const change = (
    id: string,
    note: string,
    headers: readonly string[],
    expected: object,
    trusted = qbft,
  ): VectorCase => ({
    id: `validators/${id}`,
    note,
    op: "validatorChanges",
    input: { headers, qbft: trusted },
    expected: { ...expected },
  });
  const added = run([vote(0), vote(1), vote(2)]);
  const extended = [
    { from: 0, until: 12, validators: addresses(members) },
    { from: 13, until: null, validators: addresses(five) },
  ];
  const [one, two, three] = added as [string, string, string];
  const removed = sealRun(
    20,
    [0, 1, 2].map((i) => ({ members: five, miner: five[i]!, vote: { recipient: newcomer.address, add: false } })),
  );
  const known = { ...qbft, sets: extended };
  const otherFuture = [{ ...extended[0]! }, { from: 13, until: null, validators: addresses(institutions("fork", 4)) }];
  return [
    change("added", "three of four vote somebody in", added, { ok: true, sets: extended }),
    change("known", "a change that the list already has", added, { ok: true, sets: extended }, known),
    change(
      "removed",
      "three of five vote somebody out",
      removed.map(({ raw }) => hexlify(raw)),
      {
        ok: true,
        sets: [
          extended[0],
          { from: 13, until: 22, validators: addresses(five) },
          { from: 23, until: null, validators: addresses(members) },
        ],
      },
      known,
    ),
    change("two-votes", "half of the validators", [one, two], refused("CHANGE_NOT_VOTED")),
    change("none", "no header", [], refused("CHANGE_NOT_VOTED")),
    change("gap", "a header is missing", [one, three], refused("HEADERS_NOT_LINKED")),
    change(
      "against",
      "a vote was withdrawn",
      run([vote(0), vote(1), vote(1, false), vote(2)]),
      refused("CHANGE_NOT_VOTED"),
    ),
    change("epoch", "the epoch ends between the votes", added, refused("CHANGE_NOT_VOTED"), {
      ...qbft,
      epochLength: 11,
    }),
    change(
      "unsealed",
      "the deciding header lacks a seal",
      run([vote(0), vote(1), { ...vote(2), sealers: members.slice(0, 2) }]),
      refused("SEALS_BELOW_QUORUM"),
    ),
    change("forked", "the list knows another future", added, refused("VALIDATORS_FORKED"), {
      ...qbft,
      sets: otherFuture,
    }),
  ];
}

// Documents with proofs -----------------------------------------------------------------------------------------------

const world = new World("finality");
const municipal = world.addDepartment(MUNICIPAL, [4, 5]);
const district = world.addDepartment(DISTRICT, [4]);
const penalties = Array.from({ length: 3 }, (_, i) => world.issue(municipal, { fields: { amountFen: 100 + i } }));
const penalty = penalties[1]!;
const alone = world.issue(district, { subject: OTHER_ENTERPRISE });
const correction = world.issue(municipal);
const revoked = world.issue(district);
world.anchor(penalties, 4);
world.anchor([alone], 4);
world.anchor([correction], 4);
world.anchor([revoked], 4);
const beforeSupersession = world.blockNumber;
world.supersede(penalties[0]!, correction, 1);
world.revokeKey(district, world.blockTime(world.blockNumber));
world.mine(2);
const sealed = new SealedWorld(world, "vectors world");
const trust = { ...world.trust, chains: [sealed.trusted] };

type Change<T> = (document: Mutable<T>) => void;

function document(
  id: string,
  note: string,
  content: unknown,
  expected: Record<string, unknown>,
  input: object = {},
): VectorCase {
  return { id: `proven/${id}`, note, op: "verify", input: { document: JSON.stringify(content), ...input }, expected };
}

function receiptCases(): VectorCase[] {
  const receipt = sealed.receipt(penalty);
  const changed = (id: string, note: string, code: Code, step: string | null, change: Change<Receipt>) => {
    const other = copy(receipt);
    change(other);
    return document(`receipt-${id}`, note, other, deciding(code, step));
  };
  const finality = (other: Mutable<Receipt>) => other.finality as unknown as Mutable<FinalityProof>;
  const superseded = sealed.receipt(penalties[0]!);
  const last = world.blockNumber;
  const withoutSeals = { ...trust, chains: [world.trusted] };
  const otherValidators = { ...sealed.qbft, sets: [{ from: 1, until: null, validators: addresses(members) }] };
  const chain = world.recorded();
  return [
    document("receipt", "no node: the trust list alone", receipt, VALID),
    document("receipt-fields", "with hidden fields", sealed.receipt(penalty, ["number"]), VALID),
    document("receipt-node", "with a node, which knows of nothing since", receipt, VALID, { chain }),
    document("receipt-superseded-since", "true when it was anchored; no node says what came later", superseded, VALID),
    document(
      "receipt-superseded-node",
      "a node says what came later",
      superseded,
      deciding("SUPERSEDED", "supersession"),
      { chain },
    ),
    document("receipt-revoked-since", "the key was revoked later, which no node says", sealed.receipt(alone), VALID),
    document("receipt-renewed", "proven by the state of a later block", sealed.renewed(penalty, last), VALID),
    document(
      "receipt-renewed-superseded",
      "a later block proves the supersession",
      sealed.renewed(penalties[0]!, last),
      deciding("SUPERSEDED", "supersession"),
    ),
    document(
      "receipt-renewed-before",
      "a later block from before the supersession",
      sealed.renewed(penalties[0]!, beforeSupersession),
      VALID,
    ),
    document("receipt-other-node", "a node of another chain is not listened to", superseded, VALID, {
      chain: { ...chain, chainId: 5 },
    }),
    document("receipt-behind", "a node that is behind the proven block is not listened to", superseded, VALID, {
      chain: { ...chain, finalBlock: 0 },
    }),
    document(
      "receipt-no-validators",
      "the list names no validators, and no node is asked",
      receipt,
      deciding("CHAIN_NOT_CONSULTED", "chain"),
      { trust: withoutSeals },
    ),
    document(
      "receipt-no-proof",
      "no proof in the file, and no node is asked",
      { ...receipt, finality: null },
      deciding("CHAIN_NOT_CONSULTED", "chain"),
    ),
    document(
      "receipt-other-validators",
      "the list names other validators",
      receipt,
      deciding("VALIDATORS_UNKNOWN", "chain"),
      {
        trust: { ...trust, chains: [{ ...sealed.trusted, qbft: otherValidators }] },
      },
    ),
    document("receipt-untrusted", "a chain that is not on the list", receipt, deciding("CHAIN_NOT_TRUSTED", "trust"), {
      trust: { ...trust, chains: [] },
    }),
    changed(
      "shape",
      "a member of the proof is missing",
      "MALFORMED",
      "document",
      (other) => void Object.assign(other, { finality: { ...other.finality, kind: undefined } }),
    ),
    changed(
      "seal",
      "a seal altered",
      "FINALITY_PROOF_INVALID",
      "finality",
      (other) => void (finality(other).header = otherHex(finality(other).header)),
    ),
    changed(
      "trie-node",
      "a node of a trie altered",
      "FINALITY_PROOF_INVALID",
      "finality",
      (other) => void (finality(other).nodes[0] = otherHex(finality(other).nodes[0]!)),
    ),
    changed(
      "block-hash",
      "another block hash",
      "BLOCK_MISMATCH",
      "finality",
      (other) => void (other.anchor.blockHash = otherHex(receipt.anchor.blockHash)),
    ),
    changed(
      "block-time",
      "another block time",
      "BLOCK_MISMATCH",
      "finality",
      (other) => void (other.anchor.blockTime += 1),
    ),
    changed(
      "block-number",
      "a later block than the proven one",
      "BLOCK_MISMATCH",
      "finality",
      (other) => void (other.anchor.blockNumber += 1),
    ),
    changed(
      "block-number-earlier",
      "an earlier block than the one that anchored",
      "BATCH_MISMATCH",
      "anchor",
      (other) => {
        other.anchor.blockNumber -= 1;
        other.anchor.blockTime -= 10;
      },
    ),
    changed("transaction", "the transaction's hash is a hint that nothing rests on", "OK", null, (other) => {
      other.anchor.transactionHash = otherHex(other.anchor.transactionHash);
      other.anchor.logIndex = 7;
    }),
    changed("count", "another number of records", "BATCH_MISMATCH", "anchor", (other) => void (other.batch.count = 4)),
    changed(
      "other-block",
      "a later block's proof that holds nothing of the batch",
      "STATE_UNAVAILABLE",
      "anchor",
      (other) => void Object.assign(other, { finality: sealed.receipt(alone).finality }),
    ),
    changed(
      "sequence",
      "a batch that the proof does not speak of",
      "STATE_UNAVAILABLE",
      "anchor",
      (other) => void (other.batch.sequence = 9),
    ),
    changed(
      "key-unproven",
      "the proof holds no word about the key",
      "STATE_UNAVAILABLE",
      "key",
      (other) => void Object.assign(other, { finality: sealed.proof(1, [], [0]) }),
    ),
    document(
      "bundle",
      "receipts of two batches share their proofs",
      bundleReceipts([receipt, sealed.receipt(penalties[2]!), sealed.receipt(alone)]),
      VALID,
    ),
    document(
      "bundle-seal",
      "the proof of one batch is altered",
      (() => {
        const bundle = copy(bundleReceipts([receipt, sealed.receipt(alone)]));
        const proof = bundle.anchors[1]!.finality as unknown as Mutable<FinalityProof>;
        proof.header = otherHex(proof.header);
        return bundle;
      })(),
      deciding("FINALITY_PROOF_INVALID", "receipt"),
    ),
    document(
      "receipt-revoked",
      "a later block proves that the key was revoked before",
      sealed.renewed(revoked, last),
      VALID,
    ),
  ];
}

async function certificateCases(): Promise<VectorCase[]> {
  const last = world.blockNumber;
  const of = (changes: object) => ({
    purpose: "history" as const,
    subject: ENTERPRISE,
    kinds: [4 as const],
    scope: null,
    period: { from: "2026-01-01", to: "2026-09-20" },
    issuedAt: world.now,
    ...changes,
  });
  const proving = async (draft: ReturnType<typeof of>, shown: typeof penalties, atBlock = last, on = sealed) => {
    const source = world.source(
      shown.map((record) => world.batched(record)),
      atBlock,
    );
    const streams = draft.kinds.map((kind) => ({
      kind,
      year: 2026,
      streamKey: sealed.streamKey(draft.subject, kind, 2026),
    }));
    const finality = on.partProof(atBlock, streams, shown);
    return buildCertificate(draft, [{ ...source, blockHash: on.block(atBlock).hash, finality }]);
  };
  const history = await proving(of({}), [...penalties, correction]);
  const clean = await proving(of({ purpose: "clean-record", subject: { type: "uscc", id: "92110105MA9D0003X2" } }), []);
  const changed = (
    id: string,
    note: string,
    certificate: Certificate,
    code: Code,
    step: string,
    change: Change<Certificate>,
  ) => {
    const other = copy(certificate);
    change(other);
    return document(`certificate-${id}`, note, other, deciding(code, step));
  };
  return [
    document("certificate", "heads, batches, keys and supersessions by the state of one sealed block", history, VALID),
    document("certificate-clean", "nothing on record, checked without a node", clean, VALID),
    document(
      "certificate-earlier",
      "as of the block before the supersession",
      await proving(of({}), penalties, beforeSupersession),
      VALID,
    ),
    changed(
      "supersession-hidden",
      "what became of a record is left out",
      history,
      "SUPERSESSION_MISMATCH",
      "supersession",
      (other) => void (other.chains[0]!.supersessions = []),
    ),
    changed(
      "pair-dropped",
      "a pair is left out",
      history,
      "HEAD_MISMATCH",
      "head",
      (other) => void other.chains[0]!.streams[0]!.pairs.pop(),
    ),
    changed("seal", "a seal altered", clean, "FINALITY_PROOF_INVALID", "finality", (other) => {
      const proof = other.chains[0]!.finality as unknown as Mutable<FinalityProof>;
      proof.header = otherHex(proof.header);
    }),
    changed(
      "block",
      "the proof of another block",
      clean,
      "BLOCK_MISMATCH",
      "finality",
      (other) => void (other.chains[0]!.blockNumber += 1),
    ),
    changed(
      "unproven",
      "the proof does not hold the heads",
      clean,
      "STATE_UNAVAILABLE",
      "coverage",
      (other) => void Object.assign(other.chains[0]!, { finality: sealed.proof(last, []) }),
    ),
    document(
      "certificate-vrf",
      "the registry has another VRF key than the list",
      await proving(
        of({}),
        [...penalties, correction],
        last,
        new SealedWorld(world, "vectors world", otherHex(sealed.trusted.vrfKeys[0]!.key)),
      ),
      deciding("STREAM_PROOF_INVALID", "stream"),
    ),
  ];
}

export async function finalityVectors(): Promise<VectorFile> {
  return {
    about: "Finality and state proofs, docs/finality.md, and documents that carry them, docs/format.md §§9 and 10.",
    defaults: { trust, chain: null, now: world.now },
    cases: [
      ...besuCases(),
      ...sealCases(),
      ...trieCases(),
      ...changeCases(),
      ...receiptCases(),
      ...(await certificateCases()),
    ],
  };
}

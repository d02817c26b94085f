import { presentStatement, type Json } from "@quanlian/proof";
import { DISTRICT, ENTERPRISE, MUNICIPAL, World, type Content, type Department } from "../../proof/testing/world.ts";
import { deciding, otherHex, VALID, type VectorCase, type VectorFile } from "./case.ts";

const world = new World("equivocation");
const municipal = world.addDepartment(MUNICIPAL, [3, 4]);
const district = world.addDepartment(DISTRICT, [4]);
const stranger: Department = { ...municipal, signer: district.signer };

const NUMBER = "京示罚〔2026〕12号";
const SHOWN = ["number", "links", "amountFen"];

function content(amountFen: number, links: Json[] = [], more: Content = {}): Content {
  const { fields, ...rest } = more;
  return {
    subject: ENTERPRISE,
    eventTime: "2026-03-02",
    number: NUMBER,
    ...rest,
    fields: { amountFen, links, ...fields },
  };
}

const statement = (of: Content, shown = SHOWN, department = municipal) =>
  presentStatement(world.issue(department, of).statement, shown);

const signedAt = world.blockTime(0);
const first = statement(content(500_000));
const second = statement(content(900_000));
const corrected = world.issue(municipal, content(500_000));
const correction = statement(content(900_000, [{ rel: "supersedes", record: corrected.recordHash }]));
const citing = statement(content(500_000, [{ rel: "basis", number: "检查2026-1" }]));

function document(statements: readonly unknown[], changes: Record<string, unknown> = {}): Record<string, unknown> {
  const { chainId, genesisHash, ledger } = world.trusted;
  const place = { chainId, genesisHash, ledger };
  const { publicJwk } = municipal.signer;
  return {
    format: "quanlian-equivocation/1",
    suite: "ES256-SHA256-KECCAK",
    ...place,
    statementKey: publicJwk,
    statements,
    ...changes,
  };
}

function one(
  id: string,
  note: string,
  of: unknown,
  expected: Record<string, unknown>,
  input: Record<string, unknown> = {},
): VectorCase {
  return { id: `equivocation/${id}`, note, op: "verify", input: { document: JSON.stringify(of), ...input }, expected };
}

function notShown(id: string, note: string, ...statements: readonly string[]): VectorCase {
  return one(id, note, document(statements), deciding("EQUIVOCATION_NOT_SHOWN", "conclusion"));
}

function malformed(id: string, note: string, of: unknown): VectorCase {
  return one(id, note, of, deciding("MALFORMED", "document"));
}

function resealed(text: string, change: (jwt: string) => string): string {
  const [jwt, ...rest] = text.split("~");
  return [change(jwt!), ...rest].join("~");
}

/** One statement with another's disclosure of a claim. */
function spliced(text: string, other: string, claim: string): string {
  const disclosureOf = (of: string) =>
    of
      .split("~")
      .slice(1, -1)
      .find((part) => (JSON.parse(Buffer.from(part, "base64url").toString()) as Json[])[1] === claim)!;
  return text.replace(disclosureOf(text), disclosureOf(other));
}

/** Another signature of the right length. */
function forged(jwt: string): string {
  const [header, payload, signature] = jwt.split(".") as [string, string, string];
  return [header, payload, (signature.startsWith("A") ? "B" : "A") + signature.slice(1)].join(".");
}

export function equivocationVectors(): VectorFile {
  const proof = document([first, second]);
  const chain = world.recorded();
  const since = (from: number, newest: number) => ({
    ...chain,
    keys: chain.keys.map((key) => ({ ...key, from })),
    blocks: chain.blocks.map((block) => ({ ...block, time: newest })),
  });
  const retired = { ...chain, keys: chain.keys.map((key) => ({ ...key, until: key.from })) };
  const cases = [
    one("fines", "two fines under one number", proof, VALID),
    one("other-order", "the same pair the other way round", document([second, first]), VALID),
    one("links-differ", "two that differ in what they cite", document([first, citing]), VALID),
    one(
      "more-shown",
      "more claims shown than are needed",
      document([statement(content(1), [...SHOWN, "subject", "eventTime"]), second]),
      VALID,
    ),
    notShown("twice-the-same", "one statement twice", first, first),
    notShown(
      "signed-again",
      "one content signed twice: other salts, the same fine",
      first,
      statement(content(500_000)),
    ),
    notShown("correction", "a correction, which cites what it supersedes", first, correction),
    notShown("correction-first", "the same the other way round", correction, first),
    notShown(
      "links-hidden",
      "links are not shown, so that it may be a correction",
      first,
      statement(content(900_000), ["number", "amountFen"]),
    ),
    notShown("number-hidden", "a number is not shown", first, statement(content(900_000), ["links", "amountFen"])),
    notShown("nothing-differs", "what differs is not shown", first, statement(content(900_000), ["number", "links"])),
    notShown(
      "shown-in-one",
      "a claim that only one of the two shows",
      statement(content(500_000), ["number", "links"]),
      second,
    ),
    notShown("other-number", "two numbers", first, statement(content(900_000, [], { number: "京示罚〔2026〕13号" }))),
    notShown("other-type", "two types", first, statement(content(900_000, [], { type: "enforcement.coercion/1" }))),
    one(
      "other-department",
      "another department's statement under the number",
      document([first, statement(content(900_000), SHOWN, { ...district, signer: municipal.signer })]),
      deciding("KEY_NOT_AUTHORISED", "key"),
    ),
    one(
      "other-key",
      "the second is signed with another key",
      document([first, statement(content(900_000), SHOWN, stranger)]),
      deciding("KEY_MISMATCH", "signature"),
    ),
    one(
      "signature",
      "a signature that is not the department's",
      document([first, resealed(second, forged)]),
      deciding("SIGNATURE_INVALID", "signature"),
    ),
    one(
      "altered",
      "a fine that was altered after it was signed",
      document([first, spliced(second, first, "amountFen")]),
      deciding("FIELD_ALTERED", "statement", "amountFen"),
    ),
    one(
      "cut",
      "a statement that was cut off",
      document([first, second.slice(0, -1)]),
      deciding("STATEMENT_MALFORMED", "statement"),
    ),
    one(
      "suite",
      "said to be of another suite",
      document([first, second], { suite: "SM2-SM3" }),
      deciding("SUITE_MISMATCH", "statement"),
    ),
    one(
      "retired-key",
      "the key was not good any more when they were signed",
      proof,
      deciding("KEY_NOT_AUTHORISED", "key"),
      {
        chain: retired,
      },
    ),
    one("quiet-chain", "no block since they were signed", proof, VALID, { chain: since(signedAt - 20, signedAt - 10) }),
    one("clock-ahead", "the key became good 900 s after they were signed", proof, VALID, {
      chain: since(signedAt + 900, signedAt + 5_000),
    }),
    one("key-later", "the key became good 901 s after they were signed", proof, deciding("KEY_NOT_AUTHORISED", "key"), {
      chain: since(signedAt + 901, signedAt + 5_000),
    }),
    one("future", "signed after the present", proof, deciding("TIME_IMPLAUSIBLE", "clocks"), {
      now: world.now - 100_000,
    }),
    one("later", "verified much later", proof, VALID, { now: world.now + 10_000 }),
    one("offline", "the chain is not asked", proof, deciding("CHAIN_NOT_CONSULTED", "chain"), { chain: null }),
    one(
      "not-shown-offline",
      "the documents alone say that it is none",
      document([first, first]),
      deciding("EQUIVOCATION_NOT_SHOWN", "conclusion"),
      {
        chain: null,
      },
    ),
    one("untrusted", "of a chain on nobody's list", proof, deciding("CHAIN_NOT_TRUSTED", "trust"), {
      trust: { ...world.trust, chains: [] },
    }),
    one("elsewhere", "the node serves another chain", proof, deciding("WRONG_CHAIN", "chain"), {
      chain: { ...chain, chainId: chain.chainId + 1 },
    }),
    malformed("one-statement", "one statement alone", document([first])),
    malformed("three-statements", "three statements", document([first, second, first])),
    malformed("no-list", "statements that are no list", document([], { statements: { 0: first, 1: second } })),
    malformed("number", "a statement that is no text", document([first, 1])),
    malformed("extra", "one member more", document([first, second], { note: "" })),
    malformed(
      "ledger",
      "a ledger that is no address",
      document([first, second], { ledger: otherHex(world.trusted.ledger).slice(2) }),
    ),
    malformed(
      "key",
      "a key with a private part",
      document([first, second], { statementKey: { ...municipal.signer.publicJwk, d: "AA" } }),
    ),
    one(
      "version",
      "a later version",
      document([first, second], { format: "quanlian-equivocation/2" }),
      deciding("VERSION_UNKNOWN", "document"),
    ),
  ];
  return {
    about: "Proofs of equivocation, docs/format.md §§7.5 and 10.5.",
    defaults: { trust: world.trust, chain, now: world.now },
    cases,
  };
}

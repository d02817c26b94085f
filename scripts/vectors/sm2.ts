import { sm2Sm3 } from "@quanlian/proof/sm2";
import { readStatement, thumbprint } from "@quanlian/proof";
import { seededSm2Signer } from "../../proof/testing/sm2-signer.ts";
import { MUNICIPAL, World } from "../../proof/testing/world.ts";
import { copy, deciding, VALID, type Mutable, type VectorCase, type VectorFile } from "./case.ts";
import { encode } from "./forge.ts";

const world = new World("sm2", { chainId: 31339 }, sm2Sm3);
const department = world.addDepartment(MUNICIPAL, [4], seededSm2Signer("sm2-vectors"));
const records = [world.issue(department), world.issue(department, { number: "京示罚〔2026〕2号" })];
world.anchor(records, 4);
const receipt = world.receipt(records[0]!);
const read = readStatement(receipt.statement, sm2Sm3);
if (!read.ok) throw new Error(read.problem);

function one(
  id: string,
  note: string,
  change: (document: Mutable<typeof receipt>) => void,
  expected: Record<string, unknown>,
): VectorCase {
  const document = copy(receipt);
  change(document);
  return { id: `sm2/${id}`, note, op: "verify", input: { document: JSON.stringify(document) }, expected };
}

export function sm2Vectors(): VectorFile {
  const { statement, statementKey } = receipt;
  const suite = "SM2-SM3";
  const expected = { ok: true, recordHash: read.ok ? read.recordHash : null, fields: read.ok ? read.fields : null };
  return {
    about: "The suite SM2-SM3, docs/format.md §1. A verifier that does not have it answers unsupported.",
    defaults: { trust: world.trust, chain: world.recorded(), now: world.now },
    cases: [
      { id: "sm2/statement", note: "a statement", op: "readStatement", input: { statement, suite }, expected },
      {
        id: "sm2/thumbprint",
        note: "SM3 over the members of RFC 7638",
        op: "thumbprint",
        input: { key: statementKey, suite },
        expected: { thumbprint: thumbprint(statementKey, sm2Sm3) },
      },
      one("receipt", "a receipt", () => {}, VALID),
      one(
        "altered",
        "an altered field",
        (document) => void (document.statement += `${encode(["AAECAwQFBgcICQoLDA0ODw", "number", "1"])}~`),
        deciding("FIELD_ALTERED", "statement", "number"),
      ),
      one(
        "named-es256",
        "named as the other suite",
        (document) => void (document.suite = "ES256-SHA256-KECCAK"),
        deciding("SUITE_MISMATCH", "statement"),
      ),
      one(
        "key-p256",
        "the key is said to lie on P-256",
        (document) => void (document.statementKey.crv = "P-256"),
        deciding("SUITE_MISMATCH", "signature"),
      ),
      one(
        "key-other",
        "another key",
        (document) => void (document.statementKey = { ...seededSm2Signer("other").publicJwk }),
        deciding("KEY_MISMATCH", "signature"),
      ),
      one(
        "signature-swapped",
        "r and s exchanged",
        (document) => {
          const [jwt, ...rest] = document.statement.split("~");
          const [header, payload, signature] = jwt!.split(".");
          const bytes = Buffer.from(signature!, "base64url");
          const swapped = Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)]).toString("base64url");
          document.statement = [`${header}.${payload}.${swapped}`, ...rest].join("~");
        },
        deciding("SIGNATURE_INVALID", "signature"),
      ),
    ],
  };
}

import { execFileSync, spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readStatement, thumbprint, verify, type PublicJwk } from "@quanlian/proof";
import { sm2Sm3 } from "@quanlian/proof/sm2";
import { readRecordedChain } from "../../proof/cli/recorded-chain.ts";
import { seededSm2Signer } from "../../proof/testing/sm2-signer.ts";
import { MUNICIPAL, World } from "../../proof/testing/world.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const unhex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
const jwk = (x: string, y: string): PublicJwk => ({
  kty: "EC",
  crv: "SM2",
  x: Buffer.from(x, "hex").toString("base64url"),
  y: Buffer.from(y, "hex").toString("base64url"),
});

describe("the suite SM2-SM3", () => {
  it("has the digests of GB/T 32905, annex A", () => {
    const digest = (text: string) => hex(sm2Sm3.digest(Buffer.from(text)));
    expect(digest("abc")).to.equal("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    expect(digest("abcd".repeat(16))).to.equal("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
  });

  it("accepts the signature of GB/T 32918.5, annex A, and no other", () => {
    const key = jwk(
      "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
      "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
    );
    const message = Buffer.from("message digest");
    const r = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3";
    const s = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
    const accepts = (signature: string, of = message, by = key) => sm2Sm3.verifySignature(by, of, unhex(signature));
    const zero = "00".repeat(32);
    const order = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
    expect(accepts(r + s)).to.equal(true);
    expect(accepts(s + r)).to.equal(false);
    expect(accepts(r + s, Buffer.from("message Digest"))).to.equal(false);
    for (const bad of ["", r, r + s + "00", zero + zero, zero + s, r + zero, r + order, order + s, "ff".repeat(64)])
      expect(accepts(bad), bad).to.equal(false);
    expect(accepts(r + s, message, { ...key, x: key.y })).to.equal(false);
    expect(accepts(r + s, message, { ...key, x: "AA" })).to.equal(false);
  });

  it("proves records through the same path", async () => {
    const { world, receipt } = anchored();
    const options = { trust: world.trust, chain: () => readRecordedChain(world.recorded()), now: world.now };
    const known = await verify(JSON.stringify(receipt), { ...options, suites: [sm2Sm3] });
    expect(known.verdict).to.equal("valid");
    const unknown = await verify(JSON.stringify(receipt), options);
    expect(unknown.verdict).to.equal("undecided");
    expect(unknown.steps.find(({ step }) => step === "statement")!.code).to.equal("SUITE_UNAVAILABLE");
  });

  it("is not mistaken for ES256", () => {
    const { receipt } = anchored();
    expect(readStatement(receipt.statement, sm2Sm3)).to.include({ ok: true });
    expect(readStatement(receipt.statement)).to.include({ ok: false, code: "SUITE_MISMATCH" });
    expect(thumbprint(receipt.statementKey, sm2Sm3)).not.to.equal(thumbprint(receipt.statementKey));
  });

  it("agrees with OpenSSL in both directions", function () {
    if (spawnSync("openssl", ["version"]).status !== 0) this.skip();
    const folder = mkdtempSync(join(tmpdir(), "quanlian-sm2-"));
    const at = (name: string) => join(folder, name);
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder });
    const options = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"];
    try {
      writeFileSync(at("message"), "审计链");
      openssl("genpkey", "-algorithm", "SM2", "-out", "key.pem");
      openssl("pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "public.der");
      openssl("pkeyutl", "-sign", "-inkey", "key.pem", "-in", "message", "-out", "signature", ...options);
      const point = hex(readFileSync(at("public.der")).subarray(-64));
      const theirs = fromDer(readFileSync(at("signature")));
      const key = jwk(point.slice(0, 64), point.slice(64));
      expect(sm2Sm3.verifySignature(key, Buffer.from("审计链"), theirs)).to.equal(true);

      const signer = seededSm2Signer("openssl");
      writeFileSync(at("ours"), toDer(signer.sign(Buffer.from("审计链"))));
      writeFileSync(at("ours.der"), subjectPublicKeyInfo(signer.publicJwk));
      const verified = openssl(
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "ours.der",
        "-keyform",
        "DER",
        "-in",
        "message",
        "-sigfile",
        "ours",
        ...options,
      );
      expect(verified.toString()).to.contain("Success");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function anchored() {
  const world = new World("sm2", {}, sm2Sm3);
  const department = world.addDepartment(MUNICIPAL, [4], seededSm2Signer("sm2"));
  const record = world.issue(department);
  world.anchor([record], 4);
  return { world, receipt: world.receipt(record) };
}

/** SEQUENCE { INTEGER r, INTEGER s } with short lengths. */
function fromDer(der: Uint8Array): Uint8Array {
  const integer = (start: number) => Buffer.from(der.subarray(start + 2, start + 2 + der[start + 1]!));
  const r = integer(2);
  const s = integer(4 + r.length);
  const fixed = (number: Buffer) => Buffer.from(number.toString("hex").padStart(66, "0").slice(-64), "hex");
  return Buffer.concat([fixed(r), fixed(s)]);
}

function toDer(signature: Uint8Array): Buffer {
  const integer = (bytes: Uint8Array) => {
    const digits = hex(bytes).replace(/^(00)+/, "");
    const number = Buffer.from(parseInt(digits.slice(0, 2), 16) > 127 ? `00${digits}` : digits, "hex");
    return Buffer.concat([Buffer.from([2, number.length]), number]);
  };
  const body = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/** RFC 5480: id-ecPublicKey on the curve SM2 (1.2.156.10197.1.301). */
function subjectPublicKeyInfo({ x, y }: PublicJwk): Buffer {
  const head = "3059301306072a8648ce3d020106082a811ccf5501822d03420004";
  const der = Buffer.concat([Buffer.from(head, "hex"), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  createPublicKey({ key: der, format: "der", type: "spki" });
  return der;
}

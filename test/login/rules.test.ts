import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { certificateOf, isConfirmed } from "../../backend/src/access/bound-token.ts";
import { Config, ConfigError } from "../../backend/src/config.ts";
import { KeyVault } from "../../backend/src/departments/key-vault.ts";
import { openAttempt, sealAttempt } from "../../backend/src/login/cookies.ts";
import { cookieUse } from "../../backend/src/login/own-request.ts";
import { placeOnThisSite } from "../../backend/src/login/return-to.ts";

const OURS = "https://quanlian.example";

describe("where a login goes on", () => {
  const url = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.string().map((text) => `/${text}`),
    fc.stringMatching(/^[/\\.:@\t\n%a-z?#]{0,12}$/),
  );

  it("is on this site, whatever is asked for", () => {
    fc.assert(
      fc.property(url, (text) => {
        expect(new URL(placeOnThisSite(text), OURS).origin).to.equal(OURS);
      }),
      { numRuns: 5_000 },
    );
  });

  it("is where it was asked for when that is a path here", () => {
    for (const path of ["/", "/me.html", "/a/b?c=d&e=%2F#f", "/a//b"]) expect(placeOnThisSite(path)).to.equal(path);
  });

  it("is the first page for whatever a browser could read as another site", () => {
    const others = ["//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "javascript:alert(1)"];
    for (const path of [...others, "/.//evil.example", "/x/..//evil.example", "https://evil.example", "", undefined])
      expect(placeOnThisSite(path), path).to.equal("/");
  });
});

describe("a session cookie", () => {
  const SITES = [undefined, "same-origin", "same-site", "cross-site", "none", "nonsense"];
  const ORIGINS = [undefined, OURS, "https://evil.example", "null", `${OURS}:8443`, `${OURS}.evil.example`];

  it("counts for a change only where our own pages sent the request", () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "PURGE"])
      for (const site of SITES)
        for (const origin of ORIGINS) {
          const headers = { ...(site && { "sec-fetch-site": site }), ...(origin && { origin }) };
          const own = site === "same-origin" || (site === undefined && origin === OURS);
          expect(cookieUse(method, headers, OURS), JSON.stringify(headers)).to.equal(own ? "counts" : "refused");
        }
  });

  it("counts for a read that no other site caused", () => {
    const uses = SITES.map((site) => cookieUse("GET", site === undefined ? {} : { "sec-fetch-site": site }, OURS));
    expect(uses).to.deep.equal(["counts", "counts", "ignored", "ignored", "counts", "ignored"]);
  });
});

describe("a login attempt", () => {
  const vault = new KeyVault(new Uint8Array(32));
  const attempt = { state: "s", nonce: "n", verifier: "v", returnTo: "/" };
  const sealed = sealAttempt(vault, attempt, 1_000_000);

  it("is found again for ten minutes", () => {
    expect(openAttempt(vault, sealed, 1_000_000 + 599_999)).to.deep.equal(attempt);
    expect(openAttempt(vault, sealed, 1_000_000 + 600_000)).to.equal(null);
  });

  it("is not read by another key, nor when any of it was altered", () => {
    expect(openAttempt(new KeyVault(new Uint8Array(32).fill(1)), sealed, 1_000_000)).to.equal(null);
    const bytes = Buffer.from(sealed, "base64url");
    for (let i = 0; i < bytes.length; i++) {
      const altered = Buffer.from(bytes);
      altered[i]! ^= 1;
      expect(openAttempt(vault, altered.toString("base64url"), 1_000_000)).to.equal(null);
    }
    for (const text of [undefined, "", "x"]) expect(openAttempt(vault, text, 1_000_000)).to.equal(null);
  });
});

describe("a bound token", () => {
  it("counts with the certificate that it names, and with no other", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.uint8Array({ minLength: 1 }), (one, other) => {
        const cnf = { "x5t#S256": createHash("sha256").update(one).digest("base64url") };
        expect(isConfirmed(cnf, one)).to.equal(true);
        expect(isConfirmed(cnf, other)).to.equal(Buffer.from(one).equals(other));
        expect(isConfirmed(cnf, null)).to.equal(false);
        expect(certificateOf(`:${Buffer.from(one).toString("base64")}:`)).to.deep.equal(Buffer.from(one));
      }),
    );
  });

  it("counts for nobody when it is bound in an unknown way", () => {
    const thumbprint = createHash("sha256").update("a").digest("base64url");
    for (const cnf of [null, "x", {}, { jkt: thumbprint }, { "x5t#S256": thumbprint, jkt: "x" }])
      expect(isConfirmed(cnf, Buffer.from("a"))).to.equal(false);
    expect(isConfirmed(undefined, null)).to.equal(true);
  });

  it("needs a well-formed header", () => {
    for (const header of [undefined, "", "AAAA", ":AAAA", ":AA-A:", [":AAAA:", ":BBBB:"]])
      expect(certificateOf(header)).to.equal(null);
  });
});

describe("settings of the login", () => {
  const base = {
    ...{ DATABASE_URL: "postgres://localhost/x", CHAIN_RPC_URLS: "http://127.0.0.1:8545", CHAIN_FINALITY: "immediate" },
    ...{ LEDGER_ADDRESS: `0x${"1".repeat(40)}`, REGISTRY_ADDRESS: `0x${"2".repeat(40)}` },
    ...{ RELAYER_KEY: `0x${"3".repeat(64)}`, KEY_FILE: "keys.json" },
  };
  const login = { OIDC_ISSUER: "https://id.example", OIDC_CLIENT_ID: "quanlian", OIDC_CLIENT_SECRET: "secret" };

  it("are none unless a client is named", () => {
    expect(new Config({ ...base, OIDC_ISSUER: "https://id.example" }).login).to.equal(undefined);
    const { issuer, proof } = new Config({ ...base, ...login, PUBLIC_URL: OURS }).login!;
    expect({ issuer, proof }).to.deep.equal({ issuer: "https://id.example", proof: { secret: "secret" } });
  });

  it("are refused without an issuer, without a proof, and where browsers would keep no session", () => {
    const wrong = [
      { OIDC_ISSUER: undefined },
      { OIDC_CLIENT_SECRET: undefined },
      { PUBLIC_URL: "http://quanlian.example" },
    ];
    for (const change of wrong)
      expect(() => new Config({ ...base, ...login, PUBLIC_URL: OURS, ...change })).to.throw(ConfigError);
  });
});

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { CITY, startWorld, type World } from "./harness.ts";

const AUDIENCE = "urn:quanlian:api";
const CLAIMS = { roles: ["operator"], departments: [CITY] };

describe("access tokens", () => {
  let world: World;
  let server: Server;
  let issuer: string;
  let key: CryptoKey;
  let publicText: string;

  before(async () => {
    const pair = await generateKeyPair("ES256");
    key = pair.privateKey;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "ES256", use: "sig" };
    publicText = JSON.stringify(jwk);
    server = createServer((request, response) => {
      const isKeys = request.url === "/jwks";
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(isKeys ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/jwks` }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    world = await startWorld({ OIDC_ISSUER: issuer, CLIENT_CERTIFICATE: "header" }, false);
  });
  after(async () => {
    await world.stop();
    server.closeAllConnections();
    server.close();
  });

  interface Changes {
    readonly header?: Record<string, unknown>;
    readonly claims?: Record<string, unknown>;
    readonly by?: CryptoKey | Uint8Array;
  }
  const token = ({ header, claims, by }: Changes = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const payload = { sub: "someone", iss: issuer, aud: AUDIENCE, iat: now, exp: now + 300, ...CLAIMS, ...claims };
    return new SignJWT(payload)
      .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "k1", ...header })
      .sign(by ?? key);
  };
  const ask = async (bearer: string, more: Record<string, string> = {}) => {
    const headers = { authorization: `Bearer ${bearer}`, ...more };
    const answer = await world.app.inject({ url: "/metrics", headers });
    return answer.statusCode === 200 ? "200" : `${answer.statusCode} ${answer.json<{ code: string }>().code}`;
  };
  const unsigned = (header: object, text: string) => {
    const [, payload] = text.split(".");
    return `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${payload}.`;
  };
  const REFUSED = "401 TOKEN_INVALID";
  const seconds = (offset: number) => Math.floor(Date.now() / 1000) + offset;

  it("are taken when they are right", async () => expect(await ask(await token())).to.equal("200"));

  it("alg none: refused", async () => {
    for (const alg of ["none", "None", "NONE", ""])
      expect(await ask(unsigned({ alg, typ: "at+jwt", kid: "k1" }, await token()))).to.equal(REFUSED);
  });

  it("key confusion (HS256 with the public key): refused", async () => {
    const by = new TextEncoder().encode(publicText);
    expect(await ask(await token({ header: { alg: "HS256" }, by }))).to.equal(REFUSED);
  });

  it("a key of the attacker's own, in jwk or jku: refused", async () => {
    const own = await generateKeyPair("ES256");
    const jwk = await exportJWK(own.publicKey);
    for (const header of [{ jwk }, { jku: "http://127.0.0.1:9/jwks" }, { x5u: "http://127.0.0.1:9/x" }, {}])
      expect(await ask(await token({ header, by: own.privateKey }))).to.equal(REFUSED);
  });

  it("kid injection: refused", async () => {
    const own = await generateKeyPair("ES256");
    for (const kid of ["../../../../dev/null", "k1' or '1'='1", "http://127.0.0.1:9/", "k2", ""])
      expect(await ask(await token({ header: { kid }, by: own.privateKey }))).to.equal(REFUSED);
  });

  it("expired, or not valid yet: refused", async () => {
    expect(await ask(await token({ claims: { exp: seconds(-60) } }))).to.equal(REFUSED);
    expect(await ask(await token({ claims: { exp: undefined } }))).to.equal(REFUSED);
    expect(await ask(await token({ claims: { nbf: seconds(600) } }))).to.equal(REFUSED);
  });

  it("for somebody else (aud): refused", async () => {
    for (const aud of ["urn:another:api", [], undefined])
      expect(await ask(await token({ claims: { aud } }))).to.equal(REFUSED);
    expect(await ask(await token({ claims: { aud: ["urn:another:api", AUDIENCE] } }))).to.equal("200");
  });

  it("of another issuer (iss, mix-up): refused", async () => {
    for (const iss of ["https://id.example", `${issuer}/`, world.identity.issuer, undefined])
      expect(await ask(await token({ claims: { iss } }))).to.equal(REFUSED);
  });

  it("an ID token in place of an access token (typ): refused", async () => {
    for (const typ of ["JWT", undefined, "id+jwt"])
      expect(await ask(await token({ header: { typ } }))).to.equal(REFUSED);
  });

  it("altered: refused", async () => {
    const [header, , signature] = (await token()).split(".");
    const payload = Buffer.from(
      JSON.stringify({ ...CLAIMS, sub: "root", iss: issuer, aud: AUDIENCE, exp: seconds(60) }),
    );
    expect(await ask(`${header}.${payload.toString("base64url")}.${signature}`)).to.equal(REFUSED);
  });

  it("bound to a certificate (RFC 8705): refused without it and with another, taken with it", async () => {
    const certificate = Buffer.from("the client's certificate, as its DER bytes");
    const thumbprint = createHash("sha256").update(certificate).digest("base64url");
    const bound = await token({ claims: { cnf: { "x5t#S256": thumbprint } } });
    const header = (der: Buffer) => ({ "client-cert": `:${der.toString("base64")}:` });
    expect(await ask(bound)).to.equal(REFUSED);
    expect(await ask(bound, header(Buffer.from("another")))).to.equal(REFUSED);
    expect(await ask(bound, { "client-cert": certificate.toString("base64") })).to.equal(REFUSED);
    expect(await ask(bound, header(certificate))).to.equal("200");
  });

  it("bound in a way that cannot be checked here (DPoP and others): refused", async () => {
    const certificate = { "client-cert": ":AAAA:" };
    for (const cnf of [{ jkt: "x" }, { kid: "x" }, {}, "x", null, { "x5t#S256": null }])
      expect(await ask(await token({ claims: { cnf } }), certificate)).to.equal(REFUSED);
  });

  it("no token at all: refused, with a challenge", async () => {
    const answer = await world.app.inject({ url: "/metrics" });
    expect(answer.headers["www-authenticate"]).to.equal("Bearer");
    expect(`${answer.statusCode} ${answer.json<{ code: string }>().code}`).to.equal("401 UNAUTHENTICATED");
    for (const bad of ["", "x", "a.b.c", "a b", "é"]) expect(await ask(bad)).to.match(/^401 /);
  });

  it("are refused on public routes too when they are wrong", async () => {
    const answer = await world.app.inject({ url: "/api/v1/trust", headers: { authorization: "Bearer x" } });
    expect(answer.statusCode).to.equal(401);
  });

  it("cannot be told from wrong ones while the issuer does not answer: 503", async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
    await world.restart();
    expect(await ask(await token())).to.equal("503 IDENTITY_UNAVAILABLE");
  });
});

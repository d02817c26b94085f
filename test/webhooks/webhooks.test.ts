import { createHmac, randomBytes } from "node:crypto";
import type { lookup } from "node:dns";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import fc from "fast-check";
import { isTaken, pauseAfter } from "../../backend/src/webhooks/delivery-rules.ts";
import { isDestination, mayReach, networks } from "../../backend/src/webhooks/destinations.ts";
import { type Resolve, send } from "../../backend/src/webhooks/sender.ts";
import { secretText, signedHeaders } from "../../backend/src/webhooks/signing.ts";
import { readMessage } from "./receiver.ts";

const NONE = networks([]);
const LOOPBACK = networks(["127.0.0.0/8", "::1"]);

describe("webhook signatures", () => {
  it("are those of the specification's example", () => {
    const secret = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    const now = new Date(1_614_265_330_000);
    const headers = signedHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}', [secret], now);
    expect(headers).to.deep.equal({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("are HMAC-SHA256 over id, timestamp and body, as another implementation computes it, one a secret", () => {
    const secrets = fc.array(fc.uint8Array({ minLength: 24, maxLength: 64 }), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(secrets, fc.uuid(), fc.string({ unit: "grapheme" }), (keys, id, body) => {
        const headers = signedHeaders(id, body, keys, new Date(1_790_000_000_000));
        const expected = keys.map((key) => {
          const mac = createHmac("sha256", key).update(`${id}.1790000000.${body}`).digest("base64");
          return `v1,${mac}`;
        });
        expect(headers["webhook-signature"]).to.equal(expected.join(" "));
      }),
    );
  });

  it("satisfy a receiver who holds either secret during a change, and none who holds another", () => {
    const [older, newer, other] = [randomBytes(24), randomBytes(24), randomBytes(24)];
    const headers = signedHeaders("a", '{"a":1}', [newer, older], new Date());
    for (const secret of [older, newer])
      expect(readMessage(secretText(secret), '{"a":1}', headers)).to.deep.equal({ a: 1 });
    expect(readMessage(secretText(other), '{"a":1}', headers)).to.equal(null);
    expect(readMessage(secretText(newer), '{"a":2}', headers)).to.equal(null);
  });
});

describe("when a message is tried again", () => {
  it("after ever longer pauses, for three to five days in all, and then never", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        const pauses = [];
        for (let attempts = 1; pauseAfter(attempts, random) !== null; attempts++)
          pauses.push(pauseAfter(attempts, random)!);
        expect(pauses).to.deep.equal(pauses.toSorted((a, b) => a - b));
        const days = pauses.reduce((sum, pause) => sum + pause, 0) / 86_400_000;
        expect(days).to.be.within(3, 5);
      }),
    );
  });

  it("unless it was taken, which only 2xx says", () => {
    const outcomes = ["HTTP_200", "HTTP_204", "HTTP_302", "HTTP_410", "HTTP_500", "TIMEOUT", "ADDRESS_FORBIDDEN"];
    expect(outcomes.filter(isTaken)).to.deep.equal(["HTTP_200", "HTTP_204"]);
  });
});

describe("where a message may go", () => {
  for (const address of [
    ...[
      "0.0.0.0",
      "10.1.2.3",
      "100.64.0.1",
      "127.0.0.1",
      "127.8.8.8",
      "169.254.169.254",
      "172.16.0.1",
      "172.31.255.255",
    ],
    ...["192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "255.255.255.255"],
    ...["::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1"],
    ...["fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:a00:1::", "3fff::1"],
    ...["localhost", "", "1", "0x7f000001", "2130706433"],
  ])
    it(`not to ${JSON.stringify(address)}`, () => expect(mayReach(address, true, NONE)).to.equal(false));

  for (const address of ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2400:3200::1"])
    it(`to ${address}, encrypted only`, () => {
      expect(mayReach(address, true, NONE)).to.equal(true);
      expect(mayReach(address, false, NONE)).to.equal(false);
    });

  it("to networks of one's own that a setting names; in clear on this machine only", () => {
    const own = networks(["10.0.0.0/8", "127.0.0.1"]);
    expect(mayReach("10.1.2.3", true, own)).to.equal(true);
    expect(mayReach("10.1.2.3", false, own)).to.equal(false);
    expect(mayReach("127.0.0.1", false, own)).to.equal(true);
    expect(mayReach("127.0.0.2", false, own)).to.equal(false);
  });

  it("as far as an address in text can tell, at registration", () => {
    const accepted = (urls: string[], allowed = NONE) => urls.filter((url) => isDestination(url, allowed));
    expect(
      accepted([
        ...[
          "http://receiver.example/",
          "https://127.0.0.1/",
          "https://2130706433/",
          "https://0x7f.1/",
          "https://[::1]/",
        ],
        ...[
          "https://user:pass@receiver.example/",
          "ftp://receiver.example/",
          "javascript:alert(1)",
          "receiver.example",
        ],
        ...["https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/meta-data", "file:///etc/passwd", ""],
      ]),
    ).to.deep.equal([]);
    expect(accepted(["https://receiver.example/a?b=c", "https://8.8.8.8:8443/"])).to.have.length(2);
    expect(accepted(["http://127.0.0.1:1/", "http://localhost:1/"], LOOPBACK)).to.deep.equal(["http://127.0.0.1:1/"]);
  });
});

describe("sending", () => {
  let server: Server;
  let port: number;
  const asked: string[] = [];
  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url!);
      if (request.url === "/redirect") response.writeHead(302, { location: "/secret" }).end();
      else if (request.url === "/long") response.writeHead(200).end("x".repeat(10_000_000));
      else if (request.url === "/headers") response.writeHead(200, { x: "y".repeat(20_000) }).end();
      else if (request.url !== "/never") response.writeHead(204).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => asked.splice(0));

  const to = (url: string) => ({ url, headers: {}, body: "{}" });
  /** What a name resolves to, first and next. */
  const resolving = (...answers: string[][]): Resolve =>
    ((_name: string, _options: unknown, done: (error: null, found: { address: string; family: number }[]) => void) => {
      const found = answers.length > 1 ? answers.shift()! : answers[0]!;
      done(
        null,
        found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    }) as typeof lookup;

  it("says the status, follows no redirect, reads no body and no endless header", async () => {
    const outcomes = [];
    for (const path of ["ok", "redirect", "long", "headers"])
      outcomes.push(await send(to(`http://127.0.0.1:${port}/${path}`), LOOPBACK));
    expect(outcomes).to.deep.equal(["HTTP_204", "HTTP_302", "HTTP_200", "HPE_HEADER_OVERFLOW"]);
    expect(asked).to.deep.equal(["/ok", "/redirect", "/long", "/headers"]);
  });

  it("gives up on who never answers", async () => {
    expect(await send(to(`http://127.0.0.1:${port}/never`), LOOPBACK, undefined, 50)).to.equal("TIMEOUT");
  });

  it("judges the address that the connection uses, whatever the name resolved to before (DNS rebinding)", async () => {
    const rebinding = resolving(["8.8.8.8"], ["127.0.0.1"]);
    rebinding("rebind.example", {}, () => undefined);
    expect(await send(to(`https://rebind.example:${port}/`), NONE, rebinding)).to.equal("ADDRESS_FORBIDDEN");
    expect(asked).to.deep.equal([]);
  });

  it("refuses a name if any of its addresses is forbidden, has none, or is an address in disguise", async () => {
    for (const addresses of [["8.8.8.8", "10.0.0.1"], ["::ffff:127.0.0.1"], []])
      expect(await send(to(`https://mixed.example:${port}/`), NONE, resolving(addresses))).to.equal(
        "ADDRESS_FORBIDDEN",
      );
    expect(await send(to(`http://127.0.0.1:${port}/`), NONE)).to.equal("ADDRESS_FORBIDDEN");
    expect(await send(to(`http://[::1]:${port}/`), NONE)).to.equal("ADDRESS_FORBIDDEN");
    expect(asked).to.deep.equal([]);
  });

  it("speaks to no server whose certificate it cannot check", async () => {
    const outcome = await send(to(`https://receiver.example:${port}/`), LOOPBACK, resolving(["127.0.0.1"]));
    expect(outcome).to.match(/^(EPROTO|ERR_SSL_\w+)$/);
    expect(asked).to.deep.equal([]);
  });
});

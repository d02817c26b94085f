import { createHash } from "node:crypto";
import { expect } from "chai";
import { SESSION_COOKIE } from "../../backend/src/login/cookies.ts";
import { boot, ENTERPRISE, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";
import { FROM_OUR_PAGES, Visitor } from "./visitor.ts";

interface Me {
  readonly id: string | null;
  readonly roles: string[];
  readonly subjects: string[];
  readonly session: { readonly id: string; readonly endsAt: string; readonly idleEndsAt: string } | null;
  readonly login: string | null;
}
interface Sessions {
  readonly sessions: { readonly id: string; readonly isThisOne: boolean }[];
}
interface Refused {
  readonly code: string;
}

describe("login", () => {
  let world: World;
  before(async () => {
    world = await startWorld({}, false);
  });
  after(() => world.stop());

  const newcomer = () => new Visitor(world);
  const loggedIn = async (person: string) => {
    const visitor = newcomer();
    expect(await visitor.login(person)).to.equal(`${world.url}/`);
    return visitor;
  };
  const me = async (visitor: Visitor) => (await visitor.get<Me>("/api/v1/me")).body;
  const FAILED = () => `${world.url}/me.html#login=LOGIN_FAILED`;

  it("makes somebody whom the provider vouches for known, with the roles of the claims", async () => {
    const visitor = await loggedIn("enterprise");
    const { id, roles, subjects, session } = await me(visitor);
    expect({ id, roles, subjects }).to.deep.equal({
      id: "enterprise",
      roles: ["enterprise", "public"],
      subjects: [ENTERPRISE],
    });
    expect(Date.parse(session!.endsAt)).to.be.greaterThan(Date.parse(session!.idleEndsAt));
    expect((await visitor.get(`/api/v1/subjects/${ENTERPRISE}/access-log`)).status).to.equal(200);
    expect((await visitor.get("/metrics")).status).to.equal(403);
  });

  it("tells nobody known where to log in", async () => {
    const { id, roles, session, login } = await me(newcomer());
    expect({ id, roles, session, login }).to.deep.equal({
      ...{ id: null, roles: ["public"], session: null, login: `${world.url}/auth/login` },
    });
  });

  it("leaves tokens as they were: no session, and no need to come from our pages", async () => {
    const { body } = await world.as("enterprise").get<Me>("/api/v1/me");
    expect(body).to.deep.include({ id: "enterprise", session: null });
    expect(
      (await world.as("department-system").post("/api/v1/records", penalty("京市监罚〔2026〕5号"))).status,
    ).to.equal(202);
  });

  it("keeps neither the cookie's secret nor a token in the database", async () => {
    const visitor = await loggedIn("regulator");
    const secret = visitor.ours.get(SESSION_COOKIE)!;
    const rows = JSON.stringify(await world.sql("select *, encode(secret_hash, 'hex') from login_session"));
    expect(rows).to.not.include(secret).and.not.match(/eyJ/);
    expect(rows).to.include(createHash("sha256").update(secret).digest("hex"));
  });

  it("sets a cookie that scripts cannot read, that no other host can set and no other site sends", async () => {
    const visitor = newcomer();
    const back = await visitor.authenticate(await visitor.begin(), "operator");
    const { headers } = await visitor.send("GET", `${back.pathname}${back.search}`);
    const cookie = [headers["set-cookie"]].flat().find((line) => String(line).startsWith(`${SESSION_COOKIE}=`));
    expect(String(cookie).split("; ").slice(1)).to.have.members(["Path=/", "HttpOnly", "Secure", "SameSite=Strict"]);
    expect(headers["cache-control"]).to.equal("no-store");
  });

  it("goes on where it was begun", async () => {
    expect(await newcomer().login("enterprise", "/me.html?x=1#history")).to.equal(`${world.url}/me.html?x=1#history`);
  });

  it("is known to every process of the service, and gone from all after logout", async () => {
    const other = await boot(world.environment, false);
    try {
      const visitor = await loggedIn("auditor");
      const elsewhere = () =>
        other.inject({ url: "/api/v1/me", headers: visitor.ours.header }).then((answer) => answer.json<Me>().id);
      expect(await elsewhere()).to.equal("auditor");
      const cookie = visitor.ours.header;
      expect((await visitor.send("POST", "/auth/logout")).status).to.equal(200);
      expect(visitor.ours.get(SESSION_COOKIE)).to.equal(undefined);
      const stolen = await other.inject({ url: "/api/v1/me", headers: cookie });
      expect(stolen.json<Me>().id).to.equal(null);
    } finally {
      await other.close();
    }
  });

  it("ends when it has not been used, and when it is too old however much it is used", async () => {
    for (const change of ["seen_at = now() - interval '31 minutes'", "ends_at = now() - interval '1 second'"]) {
      const visitor = await loggedIn("operator");
      await world.sql(`update login_session set ${change} where subject = 'operator'`);
      expect((await visitor.get<Refused>("/metrics")).body.code).to.equal("UNAUTHENTICATED");
      await loggedIn("auditor");
      expect(await world.sql("select from login_session where subject = 'operator'"), "swept").to.deep.equal([]);
    }
  });

  it("lasts while it is used", async () => {
    const visitor = await loggedIn("operator");
    await world.sql("update login_session set seen_at = now() - interval '29 minutes' where subject = 'operator'");
    expect((await visitor.get("/metrics")).status).to.equal(200);
    const [row] = await world.sql<{ fresh: boolean }>(
      "select seen_at > now() - interval '1 minute' as fresh from login_session where subject = 'operator'",
    );
    expect(row!.fresh).to.equal(true);
  });

  it("shows one's own sessions, and ends one of them or all", async () => {
    const [here, there, elsewhere] = [
      await loggedIn("regulator"),
      await loggedIn("regulator"),
      await loggedIn("regulator"),
    ];
    const { sessions } = (await here.get<Sessions>("/api/v1/me/sessions")).body;
    expect(sessions.filter(({ isThisOne }) => isThisOne).length).to.equal(1);
    const theirs = (await me(there)).session!.id;
    expect((await here.send("DELETE", `/api/v1/me/sessions/${theirs}`)).status).to.equal(204);
    expect((await me(there)).id).to.equal(null);
    expect((await here.send("POST", "/auth/logout-everywhere")).status).to.equal(200);
    expect((await me(elsewhere)).id).to.equal(null);
    expect(await world.sql("select from login_session where subject = 'regulator'")).to.deep.equal([]);
  });

  it("logs out of the provider too, which ends what else it began (back-channel logout)", async () => {
    await world.app.listen(Number(new URL(world.url).port), "127.0.0.1");
    const [first, other] = [await loggedIn("department-officer"), await loggedIn("department-officer")];
    const { providerLogout } = (await first.send<{ providerLogout: string }>("POST", "/auth/logout")).body;
    expect((await me(other)).id).to.equal("department-officer");
    const there = async (url: string | URL, body?: URLSearchParams) => {
      const answer = await fetch(url, {
        redirect: "manual",
        headers: other.theirs.header,
        ...(body && { method: "POST", body }),
      });
      other.theirs.take(answer.headers.getSetCookie());
      return answer;
    };
    const page = await (await there(providerLogout)).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)![1]!;
    const confirm = new URL(/action="([^"]+)"/.exec(page)![1]!);
    const done = await there(confirm, new URLSearchParams({ xsrf, logout: "yes" }));
    expect(done.headers.get("location")).to.equal(`${world.url}/`);
    expect((await me(other)).id, "after the provider's notice").to.equal(null);
  });

  it("is not offered where no client is registered, and says so", async () => {
    const { OIDC_CLIENT_ID: _, ...environment } = world.environment;
    const app = await boot(environment, false);
    try {
      expect((await app.inject({ url: "/api/v1/me" })).json<Me>().login).to.equal(null);
      expect((await app.inject({ url: "/auth/login" })).json<Refused>().code).to.equal("LOGIN_NOT_OFFERED");
    } finally {
      await app.close();
    }
  });

  describe("refuses", () => {
    it("an answer that this browser did not ask for (state of another, or none)", async () => {
      const [victim, attacker] = [newcomer(), newcomer()];
      const theirs = await attacker.authenticate(await attacker.begin(), "enterprise");
      expect(await victim.comeBack(theirs)).to.equal(FAILED());
      await victim.begin();
      expect(await victim.comeBack(theirs)).to.equal(FAILED());
      expect((await me(victim)).id).to.equal(null);
    });

    it("a code that was used before (replay)", async () => {
      const visitor = newcomer();
      await visitor.begin();
      const back = await visitor.authenticate(await visitor.begin(), "enterprise");
      const attempt = { ...visitor.ours.header };
      expect(await visitor.comeBack(back)).to.equal(`${world.url}/`);
      const thief = newcomer();
      const [name, value] = attempt["cookie"]!.split("=") as [string, string];
      thief.ours.set(name, value);
      expect(await thief.comeBack(back)).to.equal(FAILED());
      expect((await me(thief)).id).to.equal(null);
    });

    it("an answer of another issuer, or of none (mix-up, RFC 9207)", async () => {
      for (const iss of ["https://attacker.example", null]) {
        const visitor = newcomer();
        const back = await visitor.authenticate(await visitor.begin(), "enterprise");
        if (iss === null) back.searchParams.delete("iss");
        else back.searchParams.set("iss", iss);
        expect(await visitor.comeBack(back)).to.equal(FAILED());
      }
    });

    it("a state, a code or an attempt that was altered", async () => {
      for (const part of ["state", "code"]) {
        const visitor = newcomer();
        const back = await visitor.authenticate(await visitor.begin(), "enterprise");
        back.searchParams.set(part, "x".repeat(43));
        expect(await visitor.comeBack(back)).to.equal(FAILED());
      }
      const visitor = newcomer();
      const back = await visitor.authenticate(await visitor.begin(), "enterprise");
      visitor.ours.set("__Host-quanlian-login", "AAAA");
      expect(await visitor.comeBack(back)).to.equal(FAILED());
    });

    it("an ID token for another login (nonce)", async () => {
      const visitor = newcomer();
      const address = await visitor.begin();
      address.searchParams.set("nonce", "another");
      expect(await visitor.comeBack(await visitor.authenticate(address, "enterprise"))).to.equal(FAILED());
    });

    it("a login that the person broke off", async () => {
      const visitor = newcomer();
      const state = (await visitor.begin()).searchParams.get("state")!;
      const query = new URLSearchParams({ error: "access_denied", state, iss: world.identity.issuer });
      expect(await visitor.comeBack(new URL(`${world.url}/auth/callback?${query.toString()}`))).to.equal(FAILED());
    });

    it("to keep a session id from before the login (session fixation)", async () => {
      const attacker = await loggedIn("other-enterprise");
      const planted = attacker.ours.get(SESSION_COOKIE)!;
      const victim = newcomer();
      victim.ours.set(SESSION_COOKIE, planted);
      await victim.login("enterprise");
      expect(victim.ours.get(SESSION_COOKIE)).to.not.equal(planted);
      expect((await me(victim)).id).to.equal("enterprise");
      expect((await me(attacker)).id, "the planted session has ended").to.equal(null);
    });

    it("to send anybody to another site after the login (open redirect)", async () => {
      for (const returnTo of ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "evil"])
        expect(await newcomer().login("enterprise", returnTo), returnTo).to.equal(`${world.url}/`);
    });

    it("what changes anything unless our own pages sent it (CSRF)", async () => {
      const visitor = await loggedIn("department-officer");
      const submit = (headers: Record<string, string>) =>
        visitor.send<Refused>("POST", "/api/v1/records", penalty("京市监罚〔2026〕6号"), headers);
      const foreign = [
        ...["cross-site", "same-site", "none"].map((site) => ({ "sec-fetch-site": site, origin: world.url })),
        ...[{}, { origin: "https://evil.example" }, { origin: "null" }],
      ];
      for (const headers of foreign) {
        const { status, body } = await submit(headers as Record<string, string>);
        expect(`${status} ${body.code}`, JSON.stringify(headers)).to.equal("403 CROSS_SITE_REQUEST");
        expect(
          (await visitor.send("POST", "/auth/logout", undefined, headers as Record<string, string>)).status,
        ).to.equal(403);
      }
      expect((await submit({ origin: world.url })).status).to.equal(202);
      expect((await submit(FROM_OUR_PAGES)).status).to.equal(200);
    });

    it("to answer a read from another site as if the person had asked", async () => {
      const visitor = await loggedIn("enterprise");
      const path = `/api/v1/subjects/${ENTERPRISE}/access-log`;
      for (const site of ["cross-site", "same-site"])
        expect((await visitor.send("GET", path, undefined, { "sec-fetch-site": site })).status).to.equal(401);
    });

    it("a session that somebody made up", async () => {
      const visitor = newcomer();
      for (const made of ["", "x", "a".repeat(43), "' or 1=1 --", "%00"]) {
        visitor.ours.set(SESSION_COOKIE, made);
        expect((await visitor.get("/api/v1/me/sessions")).status).to.equal(401);
      }
    });

    it("to show or end another person's session", async () => {
      const [victim, attacker] = [await loggedIn("enterprise"), await loggedIn("other-enterprise")];
      const { id } = (await me(victim)).session!;
      const { status, body } = await attacker.send<Refused>("DELETE", `/api/v1/me/sessions/${id}`);
      expect(`${status} ${body.code}`).to.equal("404 SESSION_NOT_FOUND");
      expect((await me(victim)).id).to.equal("enterprise");
      const { sessions } = (await attacker.get<Sessions>("/api/v1/me/sessions")).body;
      expect(sessions.map((session) => session.id)).to.not.include(id);
    });

    it("a notice of logout that the provider did not sign", async () => {
      const visitor = await loggedIn("enterprise");
      const notice = (token: string) =>
        world.app.inject({
          ...{ method: "POST", url: "/auth/backchannel-logout" },
          headers: { "content-type": "application/x-www-form-urlencoded" },
          payload: new URLSearchParams({ logout_token: token }).toString(),
        });
      const accessToken = (await world.bearer()).authorization.slice("Bearer ".length);
      for (const token of ["", "x", accessToken])
        expect((await notice(token)).json<Refused>().code).to.equal("LOGOUT_INVALID");
      expect((await me(visitor)).id).to.equal("enterprise");
    });

    it("forms anywhere else", async () => {
      const answer = await world.app.inject({
        ...{ method: "POST", url: "/api/v1/verify", payload: "a=b" },
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
      expect(answer.statusCode).to.equal(415);
    });
  });
});

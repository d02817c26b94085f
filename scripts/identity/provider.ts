// The bundled OpenID provider for local use: real tokens and logins by the real protocol, for demo clients and demo
// people. Loopback only.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportPKCS8, generateKeyPair, type JWK } from "jose";
import { Provider, type Configuration } from "oidc-provider";
import { StartError } from "../embedded/start-error.ts";
import { LOGIN_PATH, logoutPage, type Person, serveLogin } from "./login-page.ts";

/** What tokens of this provider are for: OIDC_AUDIENCE of the service. */
const AUDIENCE = "urn:quanlian:api";
export const SCOPE = "quanlian";
const TOKEN_SECONDS = 600;
const LOGIN_SECONDS = 8 * 3600;

/** What a client's tokens say of it, in the words of the service's own claims mapping. */
export interface Claims {
  readonly roles: readonly string[];
  readonly departments?: readonly string[];
  readonly subjects?: readonly string[];
  readonly areas?: readonly string[];
  readonly kinds?: readonly number[];
}

/** Proves itself by a secret, or by a key of its own (private_key_jwt, RFC 7523). */
export type Client = { readonly id: string; readonly claims: Claims; readonly tokenSeconds?: number } & (
  { readonly secret: string } | { readonly publicKey: JWK }
);

/** The service through which people log in, and who they are. */
export interface Portal {
  /** PUBLIC_URL of the service. */
  readonly url: string;
  readonly people: readonly (Person & { readonly claims: Claims })[];
}

export interface IdentityProvider {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  /** The service's registration with this provider: its OIDC_CLIENT_ID, and the key (PKCS #8) for its OIDC_CLIENT_KEY_FILE. */
  readonly login: { readonly clientId: string; readonly key: string };
  stop(): Promise<void>;
}

const PORTAL_CLIENT = "quanlian";

/** @throws StartError in production and beside a real issuer: whoever reads its files can be anybody */
export async function startIdentityProvider(
  clients: readonly Client[],
  { NODE_ENV, OIDC_ISSUER }: NodeJS.ProcessEnv = process.env,
  portal: Portal = { url: "http://127.0.0.1", people: [] },
): Promise<IdentityProvider> {
  if (NODE_ENV === "production" || OIDC_ISSUER)
    throw new StartError(
      "The bundled identity provider is for local use only: with NODE_ENV=production set OIDC_ISSUER.",
    );
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const own = await generateKeyPair("ES256", { extractable: true });
  const registrations = [...clients.map(registration), portalRegistration(portal, await exportJWK(own.publicKey))];
  const provider = new Provider(issuer, configuration(clients, portal, registrations, await signingKey()));
  const handle = provider.callback();
  server.on("request", (request, response) => {
    const isLogin = request.url?.startsWith(LOGIN_PATH) ?? false;
    const answer = isLogin ? serveLogin(provider, portal.people, request, response) : handle(request, response);
    answer.catch(() => response.writeHead(400).end());
  });
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  const login = { clientId: PORTAL_CLIENT, key: await exportPKCS8(own.privateKey) };
  return { issuer, tokenEndpoint: `${issuer}/token`, login, stop };
}

function configuration(
  clients: readonly Client[],
  { people }: Portal,
  registrations: NonNullable<Configuration["clients"]>,
  key: JWK,
): Configuration {
  const claims = new Map(clients.map((client) => [client.id, client.claims]));
  const persons = new Map(people.map((person) => [person.id, person.claims]));
  return {
    jwks: { keys: [key] },
    clients: registrations,
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
    extraTokenClaims: (_context, token) => ({ ...claims.get(token.clientId!) }),
    findAccount: (_context, id) =>
      persons.has(id) ? { accountId: id, claims: () => ({ sub: id, ...persons.get(id)! }) } : undefined,
    claims: { openid: ["sub", "roles", "departments", "subjects", "areas", "kinds"] },
    interactions: { url: (_context, { uid }) => `${LOGIN_PATH}${uid}` },
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client!.clientId, accountId: oidc.session!.accountId! });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    // Its own way to fetch refuses loopback addresses (SSRF), and there the service is; it fetches from nowhere else.
    fetch: (address, options) => fetch(address, without(options, "dispatcher")),
    ttl: {
      ClientCredentials: (_context, _token, { clientId }) =>
        clients.find(({ id }) => id === clientId)?.tokenSeconds ?? TOKEN_SECONDS,
      AccessToken: TOKEN_SECONDS,
      IdToken: TOKEN_SECONDS,
      Interaction: LOGIN_SECONDS,
      Session: LOGIN_SECONDS,
      Grant: LOGIN_SECONDS,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          context.body = logoutPage(form);
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context, client) => (client.clientId === PORTAL_CLIENT ? [] : AUDIENCE),
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: SCOPE,
          audience: AUDIENCE,
          accessTokenFormat: "jwt",
          accessTokenTTL: TOKEN_SECONDS,
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
  };
}

function without<T extends object>(options: T | undefined, member: string): T {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([name]) => name !== member)) as T;
}

type Registration = NonNullable<Configuration["clients"]>[number];

function registration(client: Client): Registration {
  const proof =
    "secret" in client
      ? { client_secret: client.secret, token_endpoint_auth_method: "client_secret_basic" as const }
      : { jwks: { keys: [client.publicKey] }, token_endpoint_auth_method: "private_key_jwt" as const };
  return {
    client_id: client.id,
    ...proof,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: "ES256",
  };
}

function portalRegistration({ url }: Portal, publicKey: JWK): Registration {
  return {
    client_id: PORTAL_CLIENT,
    jwks: { keys: [publicKey] },
    token_endpoint_auth_method: "private_key_jwt",
    grant_types: ["authorization_code"],
    response_types: ["code"],
    redirect_uris: [`${url}/auth/callback`],
    post_logout_redirect_uris: [`${url}/`],
    backchannel_logout_uri: `${url}/auth/backchannel-logout`,
    backchannel_logout_session_required: true,
    id_token_signed_response_alg: "ES256",
  };
}

async function signingKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: "demo" };
}

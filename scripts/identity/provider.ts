// The bundled OpenID provider for local use: real tokens by the real protocol, for demo clients. Loopback only.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { Provider, type Configuration } from "oidc-provider";
import { StartError } from "../embedded/start-error.ts";

/** What tokens of this provider are for: OIDC_AUDIENCE of the service. */
const AUDIENCE = "urn:quanlian:api";
export const SCOPE = "quanlian";
const TOKEN_SECONDS = 600;

/** What a client's tokens say of it, in the words of the service's own claims mapping. */
export interface Claims {
  readonly roles: readonly string[];
  readonly departments?: readonly string[];
  readonly subjects?: readonly string[];
  readonly areas?: readonly string[];
  readonly kinds?: readonly number[];
}

/** Proves itself by a secret, or by a key of its own (private_key_jwt, RFC 7523). */
export type Client = { readonly id: string; readonly claims: Claims } & (
  { readonly secret: string } | { readonly publicKey: JWK }
);

export interface IdentityProvider {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  stop(): Promise<void>;
}

/** @throws StartError in production and beside a real issuer: whoever reads its files can be anybody */
export async function startIdentityProvider(
  clients: readonly Client[],
  { NODE_ENV, OIDC_ISSUER }: NodeJS.ProcessEnv = process.env,
): Promise<IdentityProvider> {
  if (NODE_ENV === "production" || OIDC_ISSUER)
    throw new StartError(
      "The bundled identity provider is for local use only: with NODE_ENV=production set OIDC_ISSUER.",
    );
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, configuration(clients, await signingKey()));
  const handle = provider.callback();
  server.on("request", (request, response) => void handle(request, response));
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { issuer, tokenEndpoint: `${issuer}/token`, stop };
}

function configuration(clients: readonly Client[], key: JWK): Configuration {
  const claims = new Map(clients.map((client) => [client.id, client.claims]));
  return {
    jwks: { keys: [key] },
    clients: clients.map(registration),
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
    extraTokenClaims: (_context, token) => ({ ...claims.get(token.clientId!) }),
    ttl: { ClientCredentials: TOKEN_SECONDS },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
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

function registration(client: Client): NonNullable<Configuration["clients"]>[number] {
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

async function signingKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: "demo" };
}

import { isIP } from "node:net";
import { z } from "zod";
import type { RateClass } from "./rates/rate-classes.ts";

/**
 * When a block counts as final; a property of the network, never a guess (docs/operations.md).
 * `immediate`: BFT networks, the head is final. `tag`: the node's `finalized` tag. `confirmations`: the head minus N.
 * `snapshot`: the block named in a file that whoever keeps the node's state writes after saving it.
 */
export type FinalityRule =
  | { readonly rule: "immediate" | "tag" }
  | { readonly rule: "confirmations"; readonly confirmations: number }
  | { readonly rule: "snapshot"; readonly file: string };

const say = (sentence: string) => ({ error: sentence });
const hex = (bytes: number) => new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`);
const whole = (name: string, fallback: number, min: number, max: number) =>
  z.coerce
    .number(say(`${name} must be a whole number from ${min} to ${max}.`))
    .int(say(`${name} must be a whole number from ${min} to ${max}.`))
    .min(min, say(`${name} must be at least ${min}.`))
    .max(max, say(`${name} must be at most ${max}.`))
    .default(fallback);
const address = (name: string) =>
  z.string(say(`${name} is not set.`)).regex(hex(20), say(`${name} must be 0x and 40 hex digits.`));

const FINALITY = /^(immediate|tag|confirmations:(\d{1,4})|snapshot:(.+))$/;

function finalityRule(text: string): FinalityRule {
  const [, whole, confirmations, file] = FINALITY.exec(text) ?? [];
  if (file) return { rule: "snapshot", file };
  if (confirmations) return { rule: "confirmations", confirmations: Number(confirmations) };
  return { rule: whole === "tag" ? "tag" : "immediate" };
}

/** Keys fetched in clear could be anybody's, except where the request does not leave the machine. */
function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname);
}

/** An address, or one with the length of its network: `10.0.0.0/8`. */
function isNetwork(text: string): boolean {
  const [, address = "", length = "0"] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(length) <= (version === 4 ? 32 : 128);
}

const PROXIES = say("TRUST_PROXY must be none, or addresses and networks of proxies, separated by commas.");
const rate = (name: string, fallback: number) => whole(name, fallback, 0, 100_000_000);

const settings = z.object({
  ROLE: z
    .enum(["all", "api"], say("ROLE must be all or api; worker.js is the process that only works."))
    .default("all"),
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: whole("PORT", 3000, 0, 65_535),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: "PUBLIC_URL must be an http or https address." }).optional(),
  LOG_LEVEL: z
    .enum(
      ["silent", "fatal", "error", "warn", "info", "debug"],
      say("LOG_LEVEL must be silent, fatal, error, warn, info or debug."),
    )
    .default("info"),
  DATABASE_URL: z
    .string(
      say("DATABASE_URL is not set: it must name a PostgreSQL database, postgres://user:password@host:port/name."),
    )
    .regex(/^postgres(ql)?:\/\//, say("DATABASE_URL must begin with postgres://.")),
  CHAIN_RPC_URLS: z
    .string(
      say("CHAIN_RPC_URLS is not set: it must list one or more http addresses of chain nodes, separated by commas."),
    )
    .transform((text) => text.split(",").map((url) => url.trim()))
    .pipe(z.array(z.url({ protocol: /^https?$/, error: "CHAIN_RPC_URLS must hold http or https addresses." })).min(1)),
  CHAIN_AGREEMENT: z.coerce
    .number(say("CHAIN_AGREEMENT must be a whole number."))
    .int(say("CHAIN_AGREEMENT must be a whole number."))
    .min(1, say("CHAIN_AGREEMENT must be at least 1."))
    .optional(),
  CHAIN_MAX_PRICE_GWEI: whole("CHAIN_MAX_PRICE_GWEI", 500, 0, 1_000_000),
  CHAIN_FINALITY: z
    .string(say("CHAIN_FINALITY is not set: immediate, tag, confirmations:N or snapshot:FILE."))
    .regex(FINALITY, say("CHAIN_FINALITY must be immediate, tag, confirmations:N or snapshot:FILE."))
    .transform(finalityRule),
  VALIDATORS_FILE: z.string().min(1).optional(),
  LEDGER_ADDRESS: address("LEDGER_ADDRESS"),
  REGISTRY_ADDRESS: address("REGISTRY_ADDRESS"),
  RELAYER_KEY: z
    .string(say("RELAYER_KEY is not set."))
    .regex(hex(32), say("RELAYER_KEY must be 0x and 64 hex digits.")),
  KEY_FILE: z.string(say("KEY_FILE is not set: it must name the file with the master key.")).min(1),
  KMS: z.enum(["local", "vault"], say("KMS must be local or vault.")).default("local"),
  VAULT_ADDR: z
    .url({ protocol: /^https?$/, error: "VAULT_ADDR must be an http or https address." })
    .refine(isSafe, "VAULT_ADDR must be an https address: only one on this machine may do without.")
    .optional(),
  VAULT_TOKEN_FILE: z.string().min(1).optional(),
  VAULT_TRANSIT_KEY: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, say("VAULT_TRANSIT_KEY must be lower case letters, digits and hyphens."))
    .default("quanlian"),
  VAULT_TRANSIT_MOUNT: z
    .string()
    .regex(/^[A-Za-z0-9_/-]+$/, say("VAULT_TRANSIT_MOUNT must be a path."))
    .default("transit"),
  QUANLIAN_DATA_DIR: z.string().min(1).default(".data"),
  TRUST_FILE: z.string().min(1).optional(),
  WEB_DIR: z.string().min(1).optional(),
  REGION_ZH: z.string().min(1).default("本地"),
  REGION_EN: z.string().min(1).default("Local"),
  BATCH_SIZE: whole("BATCH_SIZE", 512, 1, 512),
  BATCH_AGE_MS: whole("BATCH_AGE_MS", 1_000, 0, 3_600_000),
  STALL_SECONDS: whole("STALL_SECONDS", 120, 1, 86_400),
  STALLED: z.enum(["accept", "refuse"], say("STALLED must be accept or refuse.")).default("accept"),
  INTEGRITY_RATE: whole("INTEGRITY_RATE", 200, 0, 1_000_000),
  OIDC_ISSUER: z
    .url({ protocol: /^https?$/, error: "OIDC_ISSUER must be an http or https address." })
    .refine(isSafe, "OIDC_ISSUER must be an https address: only one on this machine may do without.")
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https address." })
    .optional(),
  OIDC_AUDIENCE: z.string().min(1).default("urn:quanlian:api"),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_CLIENT_KEY_FILE: z.string().min(1).optional(),
  OIDC_SCOPE: z.string().min(1).default("openid"),
  SESSION_IDLE_MINUTES: whole("SESSION_IDLE_MINUTES", 30, 1, 1_440),
  SESSION_MAX_HOURS: whole("SESSION_MAX_HOURS", 8, 1, 168),
  CLIENT_CERTIFICATE: z.enum(["none", "header"], say("CLIENT_CERTIFICATE must be none or header.")).default("none"),
  CLAIMS_FILE: z.string().min(1).optional(),
  OPEN_DATA_DIR: z.string().min(1).optional(),
  OPEN_DATA_LICENCE: z
    .string()
    .regex(/^[A-Za-z0-9.+-]+$/, say("OPEN_DATA_LICENCE must be an SPDX identifier, such as CC-BY-4.0."))
    .default("CC-BY-4.0"),
  LOG_DEPARTMENT: z.string().min(1).optional(),
  LOG_KEEP_MONTHS: whole("LOG_KEEP_MONTHS", 36, 6, 1_200),
  HEADERS_TIMEOUT_MS: whole("HEADERS_TIMEOUT_MS", 10_000, 100, 600_000),
  REQUEST_TIMEOUT_MS: whole("REQUEST_TIMEOUT_MS", 120_000, 100, 3_600_000),
  IMPORT_MAX_BYTES: whole("IMPORT_MAX_BYTES", 1_073_741_824, 1, Number.MAX_SAFE_INTEGER),
  IMPORT_KEEP_DAYS: whole("IMPORT_KEEP_DAYS", 30, 1, 3_650),
  WEBHOOK_NETWORKS: z
    .string()
    .default("none")
    .transform((text) => (text === "none" ? [] : text.split(",").map((one) => one.trim())))
    .refine(
      (list) => list.every(isNetwork),
      say("WEBHOOK_NETWORKS must be none, or addresses and networks, separated by commas."),
    ),
  TRUST_PROXY: z
    .string()
    .default("none")
    .transform((text) => (text === "none" ? [] : text.split(",").map((one) => one.trim())))
    .refine((proxies) => proxies.every(isNetwork), PROXIES),
  RATE_PUBLIC: rate("RATE_PUBLIC", 6_000),
  RATE_LOGIN: rate("RATE_LOGIN", 600),
  RATE_SUBMIT: rate("RATE_SUBMIT", 600_000),
  RATE_IMPORT: rate("RATE_IMPORT", 600),
  RATE_READ: rate("RATE_READ", 60_000),
  RATE_EXPORT: rate("RATE_EXPORT", 120),
});

const environment = settings.refine(
  ({ CHAIN_AGREEMENT = 1, CHAIN_RPC_URLS }) => CHAIN_AGREEMENT <= CHAIN_RPC_URLS.length,
  say("CHAIN_AGREEMENT must not exceed the number of CHAIN_RPC_URLS."),
);

/** The environment is wrong; `message` is what the operator reads, one sentence a problem. */
export class ConfigError extends Error {}

/** Whose tokens count, and for whom they must have been issued. */
interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
}

/** This service as a client of the provider, through which people log in. */
export interface LoginSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  /** How it proves itself to the provider: by a secret, or by a key of its own (private_key_jwt; PKCS #8, P-256). */
  readonly proof: { readonly secret: string } | { readonly keyFile: string };
}

/** Where a HashiCorp Vault or OpenBao is, and with which Transit key it encrypts. */
export interface TransitSettings {
  /** Such as `https://vault.example:8200`. */
  readonly address: string;
  /** Read anew for every request, so that an agent may renew it. */
  readonly tokenFile: string;
  readonly mount: string;
  readonly key: string;
}

/** All settings of one process, read once from the environment (docs/operations.md lists them). */
export class Config {
  /** `api` serves HTTP only and leaves the background work to worker.js. */
  readonly role: "all" | "api";
  readonly host: string;
  readonly port: number;
  /** Where verifiers reach this service; it stands in the trust list. */
  readonly publicUrl: string;
  readonly logLevel: string;
  readonly databaseUrl: string;
  readonly chainRpcUrls: readonly string[];
  /** How many of them must say the same before it counts as true; more than half of them when not set. */
  readonly chainAgreement: number;
  /** The highest price per gas that a transaction may offer, in wei. */
  readonly maxPrice: bigint;
  readonly finality: FinalityRule;
  /** Who seals the blocks (docs/finality.md §2): with it no node is believed. Only where the head is final. */
  readonly validatorsFile: string | undefined;
  readonly ledgerAddress: string;
  readonly registryAddress: string;
  /** Private key of the account that pays for and sends transactions; it can write for no department. */
  readonly relayerKey: string;
  readonly keyFile: string;
  /** Where a Vault or OpenBao keeps the key-encryption keys; undefined: they lie in the key file. */
  readonly transit: TransitSettings | undefined;
  /** One that keeps keys of before, while they lie in the key file again. */
  readonly formerTransit: TransitSettings | undefined;
  readonly dataDir: string;
  /** A `quanlian-trust/1` file with further chains that `POST /verify` accepts. */
  readonly trustFile: string | undefined;
  readonly webDir: string | undefined;
  readonly region: { readonly zh: string; readonly en: string };
  /** A batch is sealed at this many records … */
  readonly batchSize: number;
  /** … or when its oldest record has waited this long, in milliseconds. */
  readonly batchAgeMs: number;
  /** The oldest unanchored record may be this old before anchoring counts as stalled, in seconds. */
  readonly stallSeconds: number;
  /** Whether new records are refused while anchoring is stalled (fail closed). */
  readonly refuseWhenStalled: boolean;
  /** Records that the integrity monitor looks at in a second; 0: it does not walk. */
  readonly integrityRate: number;
  /** Where the snapshots of open data lie; undefined: none are made. */
  readonly openDataDir: string | undefined;
  /** SPDX identifier of the licence under which they are opened. */
  readonly openDataLicence: string;
  /** USCC of the department that runs the platform and puts the access log's head on record daily; undefined: nobody does. */
  readonly logDepartment: string | undefined;
  /** How long the access log is kept, in months. */
  readonly logKeepMonths: number;
  /** How long a client may take to send its headers, and the whole of a request, in milliseconds. */
  readonly timeouts: { readonly headersMs: number; readonly requestMs: number };
  readonly importMaxBytes: number;
  /** How long rejected rows are kept once their import has ended, in days. */
  readonly importKeepDays: number;
  /** Base address of an OTLP/HTTP receiver of traces; undefined: nothing is traced. */
  readonly tracesEndpoint: string | undefined;
  /** Networks that webhooks may be sent to although they are not public. */
  readonly webhookNetworks: readonly string[];
  /** Whose `X-Forwarded-For` says where a request comes from. */
  readonly trustedProxies: readonly string[];
  /** Requests a minute of one client, by kind; 0: not limited. */
  readonly rates: Readonly<Record<RateClass, number>>;
  /** Undefined: nobody can log in, and only what is public is answered. */
  readonly oidc: OidcSettings | undefined;
  /** Undefined: people cannot log in, though tokens may count. */
  readonly login: LoginSettings | undefined;
  /** When a login ends: unused for so long, or however much it is used. */
  readonly session: { readonly idleMinutes: number; readonly maxHours: number };
  /** Whether the proxy in front says by `Client-Cert` (RFC 9440) with which certificate a client came. */
  readonly certificateHeader: boolean;
  /** A `quanlian-claims/1` file that says what the issuer's claims mean. */
  readonly claimsFile: string | undefined;

  /** @throws ConfigError */
  constructor(env: NodeJS.ProcessEnv) {
    const read = environment.safeParse(env);
    if (!read.success) throw new ConfigError(read.error.issues.map((issue) => issue.message).join("\n"));
    const value = read.data;
    this.role = value.ROLE;
    this.host = value.HOST;
    this.port = value.PORT;
    this.publicUrl = (value.PUBLIC_URL ?? `http://${value.HOST}:${value.PORT}`).replace(/\/$/, "");
    this.logLevel = value.LOG_LEVEL;
    this.databaseUrl = value.DATABASE_URL;
    this.chainRpcUrls = value.CHAIN_RPC_URLS;
    this.chainAgreement = value.CHAIN_AGREEMENT ?? Math.floor(value.CHAIN_RPC_URLS.length / 2) + 1;
    this.maxPrice = BigInt(value.CHAIN_MAX_PRICE_GWEI) * 1_000_000_000n;
    this.finality = value.CHAIN_FINALITY;
    this.validatorsFile = value.VALIDATORS_FILE;
    if (this.validatorsFile !== undefined && this.finality.rule !== "immediate")
      throw new ConfigError(
        "VALIDATORS_FILE goes with CHAIN_FINALITY=immediate only: sealed blocks are final at once.",
      );
    this.ledgerAddress = value.LEDGER_ADDRESS;
    this.registryAddress = value.REGISTRY_ADDRESS;
    this.relayerKey = value.RELAYER_KEY;
    this.keyFile = value.KEY_FILE;
    this.transit = value.KMS === "vault" ? transitOf(value) : undefined;
    this.formerTransit = value.KMS === "local" && value.VAULT_ADDR !== undefined ? transitOf(value) : undefined;
    this.dataDir = value.QUANLIAN_DATA_DIR;
    this.trustFile = value.TRUST_FILE;
    this.webDir = value.WEB_DIR;
    this.region = { zh: value.REGION_ZH, en: value.REGION_EN };
    this.batchSize = value.BATCH_SIZE;
    this.batchAgeMs = value.BATCH_AGE_MS;
    this.stallSeconds = value.STALL_SECONDS;
    this.refuseWhenStalled = value.STALLED === "refuse";
    this.integrityRate = value.INTEGRITY_RATE;
    this.openDataDir = value.OPEN_DATA_DIR;
    this.openDataLicence = value.OPEN_DATA_LICENCE;
    this.logDepartment = value.LOG_DEPARTMENT;
    this.logKeepMonths = value.LOG_KEEP_MONTHS;
    this.timeouts = { headersMs: value.HEADERS_TIMEOUT_MS, requestMs: value.REQUEST_TIMEOUT_MS };
    if (value.HEADERS_TIMEOUT_MS > value.REQUEST_TIMEOUT_MS)
      throw new ConfigError("HEADERS_TIMEOUT_MS must not be longer than REQUEST_TIMEOUT_MS.");
    this.importMaxBytes = value.IMPORT_MAX_BYTES;
    this.importKeepDays = value.IMPORT_KEEP_DAYS;
    this.webhookNetworks = value.WEBHOOK_NETWORKS;
    this.trustedProxies = value.TRUST_PROXY;
    this.rates = {
      public: value.RATE_PUBLIC,
      login: value.RATE_LOGIN,
      submit: value.RATE_SUBMIT,
      import: value.RATE_IMPORT,
      read: value.RATE_READ,
      export: value.RATE_EXPORT,
    };
    this.tracesEndpoint = value.OTEL_EXPORTER_OTLP_ENDPOINT;
    const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience } = value;
    this.oidc = issuer === undefined ? undefined : { issuer, audience };
    this.login = loginSettings(value, this.publicUrl);
    this.session = { idleMinutes: value.SESSION_IDLE_MINUTES, maxHours: value.SESSION_MAX_HOURS };
    this.certificateHeader = value.CLIENT_CERTIFICATE === "header";
    this.claimsFile = value.CLAIMS_FILE;
  }
}

/** @throws ConfigError */
function loginSettings(value: z.infer<typeof settings>, publicUrl: string): LoginSettings | undefined {
  const { OIDC_CLIENT_ID: clientId, OIDC_ISSUER: issuer, OIDC_SCOPE: scope } = value;
  if (clientId === undefined) return undefined;
  if (issuer === undefined) throw new ConfigError("OIDC_CLIENT_ID needs OIDC_ISSUER.");
  if (!isSafe(publicUrl))
    throw new ConfigError(
      "OIDC_CLIENT_ID needs an https PUBLIC_URL: over plain http browsers keep sessions only on this machine.",
    );
  const { OIDC_CLIENT_SECRET: secret, OIDC_CLIENT_KEY_FILE: keyFile } = value;
  if (keyFile !== undefined) return { issuer, clientId, scope, proof: { keyFile } };
  if (secret !== undefined) return { issuer, clientId, scope, proof: { secret } };
  throw new ConfigError("OIDC_CLIENT_ID needs OIDC_CLIENT_KEY_FILE or OIDC_CLIENT_SECRET.");
}

/** @throws ConfigError */
function transitOf(value: z.infer<typeof settings>): TransitSettings {
  const { VAULT_ADDR, VAULT_TOKEN_FILE, VAULT_TRANSIT_KEY: key, VAULT_TRANSIT_MOUNT: mount } = value;
  if (VAULT_ADDR === undefined || VAULT_TOKEN_FILE === undefined)
    throw new ConfigError("A Vault needs both VAULT_ADDR and VAULT_TOKEN_FILE.");
  return { address: VAULT_ADDR.replace(/\/$/, ""), tokenFile: VAULT_TOKEN_FILE, mount, key };
}

import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { readTrustList, type TrustedChain, type TrustList } from "@quanlian/proof";
import { trustFingerprint, updateDigest, updateTrustList } from "@quanlian/proof/finality";
import { read } from "./files.ts";
import { harmless } from "./print.ts";
import { loadTrustList, ownTrustFile } from "./trust-list.ts";
import { parse, UsageError } from "./usage.ts";

/** `quanlian trust`: what this verifier trusts, how it comes to trust it, and how that changes (docs/trust.md). */
export async function runTrust([action, ...args]: string[]): Promise<number> {
  if (action === undefined || !Object.hasOwn(ACTIONS, action)) throw new UsageError("trust: show, pin, update or sign");
  return ACTIONS[action as keyof typeof ACTIONS](args);
}

const ACTIONS = { show, pin, update, sign };

async function show(args: string[]): Promise<number> {
  const { positionals, values } = parse(args, { trust: { type: "string" } });
  const list = await loadTrustList(positionals[0] ?? values.trust);
  say(`${list.name || "(空 empty)"}  ${new Date(list.issuedAt * 1000).toISOString().slice(0, 10)}`);
  say(`指纹 fingerprint  ${grouped(trustFingerprint(list))}`);
  for (const chain of list.chains) for (const line of linesOf(chain)) say(line);
  return 0;
}

function linesOf({ region, chainId, genesisHash, ledger, qbft }: TrustedChain): string[] {
  const head = ["", `${region.zh} ${region.en}`, `  链 chain ${chainId}, ${genesisHash}`, `  账本 ledger ${ledger}`];
  if (!qbft) return [...head, "  无验证节点名单，须询问节点 no validators named: a node is asked and believed"];
  const sets = qbft.sets.map(
    ({ from, until, validators }) => `  区块 blocks ${from}–${until ?? ""}: ${validators.join(" ")}`,
  );
  return [...head, ...sets, ...qbft.pins.map(({ number, hash }) => `  固定 pinned ${number}: ${hash}`)];
}

/** Takes a list for one's own when its fingerprint is the one known from elsewhere: a paper, several institutions' sites. */
async function pin(args: string[]): Promise<number> {
  const { positionals, values } = parse(args, { fingerprint: { type: "string" }, trust: { type: "string" } });
  const [file] = positionals;
  const typed = values.fingerprint?.toLowerCase().replace(/^0x|[\s-]/g, "");
  if (file === undefined || !typed || !/^[0-9a-f]{64}$/.test(typed))
    throw new UsageError("trust pin FILE --fingerprint with all of its 64 digits, from another source than the file");
  const list = await readList(file);
  if (trustFingerprint(list) !== `0x${typed}`)
    return refuse(`指纹不符 another fingerprint: ${grouped(trustFingerprint(list))}`);
  return keep(list, values.trust ?? ownTrustFile());
}

async function update(args: string[]): Promise<number> {
  const { positionals, values } = parse(args, { trust: { type: "string" } });
  const [file] = positionals;
  if (file === undefined) throw new UsageError("trust update FILE: a change of validators, or a signed list");
  const place = values.trust ?? ownTrustFile();
  const updated = updateTrustList(await readList(place), await read(file));
  return updated.ok ? keep(updated.trustList, place) : refuse(`未采纳 not taken: ${updated.problem}`);
}

/** A validator's signature for a new list, as it goes into `signatures` of an update. */
async function sign(args: string[]): Promise<number> {
  const { positionals, values } = parse(args, { key: { type: "string" } });
  const [file] = positionals;
  if (file === undefined || values.key === undefined) throw new UsageError("trust sign FILE --key NODEKEY");
  const key = Buffer.from(await read(values.key))
    .toString("utf8")
    .trim()
    .replace(/^0x/, "");
  if (!/^[0-9a-f]{64}$/i.test(key)) throw new UsageError("the key file does not hold 64 hex digits");
  const digest = updateDigest(await readList(file));
  const [v, ...rest] = secp256k1.sign(digest, Buffer.from(key, "hex"), { prehash: false, format: "recovered" });
  say(`0x${Buffer.from([...rest, v!]).toString("hex")}`);
  return 0;
}

async function readList(file: string): Promise<TrustList> {
  const list = readTrustList(await read(file));
  if (!list.ok) throw new UsageError(`${file} is not a trust list (${list.problem})`);
  return list.trustList;
}

/** The old list stays whole until the new one is. */
async function keep(list: TrustList, place: string): Promise<number> {
  await mkdir(dirname(place), { recursive: true });
  await writeFile(`${place}.new`, `${JSON.stringify(list, null, 2)}\n`);
  await rename(`${place}.new`, place);
  say(`已采用 in use: ${place}`);
  say(`指纹 fingerprint  ${grouped(trustFingerprint(list))}`);
  return 0;
}

function grouped(fingerprint: string): string {
  return fingerprint.slice(2).replace(/(.{4})(?=.)/g, "$1 ");
}

function refuse(sentence: string): number {
  process.stderr.write(`${harmless(sentence)}\n`);
  return 1;
}

function say(line: string): void {
  process.stdout.write(`${harmless(line)}\n`);
}

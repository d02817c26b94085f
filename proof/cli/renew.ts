import { writeFile } from "node:fs/promises";
import { describeVerdict, type Language } from "@quanlian/proof";
import {
  askForProof,
  type ProveState,
  qbftJudge,
  type Renewal,
  renewPaper,
  verifyFinalityProof,
} from "@quanlian/proof/finality";
import { read } from "./files.ts";
import { senders } from "./nodes.ts";
import { harmless } from "./print.ts";
import { suitesFor } from "./suites.ts";
import { loadTrustList } from "./trust-list.ts";
import { parse, UsageError } from "./usage.ts";
import { chooseLanguage, EXIT_CODES } from "./verify.ts";

type Because = Extract<Renewal, { ok: false }>["because"];

const SENTENCES: Readonly<Record<Because, Readonly<Record<Language, string>>>> = {
  "not-genuine": {
    zh: "该文件未通过核验，不能续证。",
    en: "The paper does not pass verification: it cannot be renewed.",
  },
  outdated: {
    zh: "证明出具后情况已有变化，请重新申请。",
    en: "Something was recorded since the certificate was made: ask for a new one.",
  },
  "not-sealed": {
    zh: "无从续证：信任清单未列验证节点，或没有节点给出可信的证据。",
    en: "No proof can be had: the trust list names no validators, or no node gave one that holds.",
  },
};

/** `quanlian renew`: an old paper with a proof of today, made of what a node answers and believed by its seals alone. */
export async function runRenew(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    rpc: { type: "string", multiple: true },
    trust: { type: "string" },
    out: { type: "string" },
    lang: { type: "string" },
  });
  if (positionals.length !== 1) throw new UsageError("renew one receipt or certificate, or - for standard input");
  const language = chooseLanguage(values.lang);
  const document = await read(positionals[0]!);
  const options = {
    trust: await loadTrustList(values.trust),
    now: Math.floor(Date.now() / 1000),
    suites: await suitesFor(document),
  };
  const renewal = await renewPaper(document, options, proveAt(values.rpc ?? []));
  if (!renewal.ok) {
    const { step, code } = renewal.step;
    process.stderr.write(`${harmless(SENTENCES[renewal.because][language])} (${step} ${code})\n`);
    return renewal.because === "not-genuine" && renewal.step.outcome === "failed" ? 1 : 2;
  }
  const text = `${JSON.stringify(renewal.paper)}\n`;
  if (values.out === undefined) process.stdout.write(text);
  else await writeFile(values.out, text);
  process.stderr.write(`${harmless(describeVerdict(renewal.verdict, language).headline)}\n`);
  return EXIT_CODES[renewal.verdict.verdict];
}

/** Asks one node after the other until a proof holds; what is wrong with the others is said. */
function proveAt(rpc: readonly string[]): ProveState {
  const sendersTo = senders(rpc);
  return async (chain, wanted) => {
    for (const send of sendersTo(chain)) {
      try {
        const newest = Number(await send("eth_blockNumber", []));
        const proof = await askForProof(send, chain.registry, newest, { ...wanted, transactions: [] });
        const proven = verifyFinalityProof(proof, qbftJudge(chain.qbft), chain.ledger);
        if (proven.ok) return proof;
        process.stderr.write(`quanlian: a node's proof does not hold: ${proven.code}\n`);
      } catch (error) {
        process.stderr.write(`quanlian: ${harmless((error as Error).message)}\n`);
      }
    }
    return null;
  };
}

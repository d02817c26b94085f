import { setTimeout as sleep } from "node:timers/promises";
import { thumbprint } from "@quanlian/proof";
import { IssuedLog } from "./issued.ts";
import { loadStatementKey, openKeyFolder } from "./key-folder.ts";
import { nodeEs256 } from "./node-es256.ts";
import { EXIT_CODES, loadSigner, openJournal } from "./sign.ts";
import { type Outcome, type SigningSettings, signWaiting } from "./signing.ts";
import { loadTrustList } from "./trust-list.ts";
import { parse, UsageError } from "./usage.ts";

/** `quanlian agent`: signs whatever is right, for ever or once; the exit code as of `quanlian sign`. */
export async function runAgent(args: string[]): Promise<number> {
  const { values } = parse(args, {
    url: { type: "string" },
    department: { type: "string" },
    "key-dir": { type: "string" },
    once: { type: "boolean" },
    every: { type: "string", default: "5" },
  });
  const seconds = Number(values.every);
  if (!(seconds >= 1)) throw new UsageError("--every takes seconds");
  const pass = await agentOf(values);
  if (values.once) return EXIT_CODES[await pass()];
  for (;;) {
    await pass();
    await sleep(seconds * 1000);
  }
}

async function agentOf(values: Parameters<typeof openKeyFolder>[0]): Promise<() => Promise<Outcome>> {
  const folder = await openKeyFolder(values);
  const issued = new IssuedLog(folder.path("issued.ndjson"));
  const { publicJwk } = await loadStatementKey(folder);
  const rules = {
    department: folder.department,
    trust: await loadTrustList(folder.path("trust.json")),
    statementKeys: new Set([thumbprint(publicJwk, nodeEs256)]),
  };
  const settings: Omit<SigningSettings, "rules"> = {
    service: folder.service,
    secretKey: await loadSigner(folder.path("signer.json")),
    journal: await openJournal(folder.path("journal.ndjson")),
    confirm: () => Promise.resolve(true),
  };
  return async () => signWaiting({ ...settings, rules: { ...rules, expected: await issued.records() } });
}

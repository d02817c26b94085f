// Somebody forges receipts; whoever is shown one runs `quanlian verify`, first without and then with a chain node.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readStatement, type Receipt } from "@quanlian/proof";
import type { Collected } from "./receipts.ts";
import { ownKey } from "./own-key.ts";
import { rewriteStatement } from "./rewritten-statement.ts";
import type { Tampering } from "./tampering.ts";
import { failedStep, quanlianVerify } from "./verify-command.ts";

const ONE_YUAN = 100;

interface Forgery {
  readonly what: string;
  readonly receipt: Receipt;
}

/** @param folder where the forged files are written */
export async function playForger({ fine, other, trustFile }: Collected, folder: string): Promise<Tampering[]> {
  const forgeries = [editAmount(fine), signAgain(fine), splicePath(fine, other)];
  const files = forgeries.map((_, i) => join(folder, `forged-${i + 1}.json`));
  await Promise.all(forgeries.map(({ receipt }, i) => writeFile(files[i]!, JSON.stringify(receipt))));
  const offline = await quanlianVerify(files, trustFile, "offline");
  const online = await quanlianVerify(files, trustFile, "online");
  return forgeries.map(({ what }, i) => {
    const caught = [offline[i]!, online[i]!].every(({ verdict }) => verdict === "invalid");
    const step = failedStep(offline[i]!) ?? failedStep(online[i]!);
    return { what, caught, code: step?.code ?? null, field: step?.field ?? null };
  });
}

/** The disclosure of the amount is replaced by one with another value. */
function editAmount(receipt: Receipt): Forgery {
  const read = readStatement(receipt.statement);
  if (!read.ok) throw new Error(read.problem);
  const { text } = read.disclosures.find(({ name }) => name === "fineFen")!;
  const [salt] = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as [string];
  const forged = Buffer.from(JSON.stringify([salt, "fineFen", ONE_YUAN])).toString("base64url");
  return {
    what: "edits the fine in a receipt",
    receipt: { ...receipt, statement: receipt.statement.replace(text, forged) },
  };
}

function signAgain(receipt: Receipt): Forgery {
  const signer = ownKey();
  const { statement } = rewriteStatement(receipt.statement, { fineFen: ONE_YUAN }, signer);
  return {
    what: "signs the changed statement of a receipt with another key",
    receipt: { ...receipt, statement, statementKey: signer.publicJwk },
  };
}

function splicePath(receipt: Receipt, other: Receipt): Forgery {
  return { what: "splices the path of another receipt into one", receipt: { ...receipt, path: other.path } };
}

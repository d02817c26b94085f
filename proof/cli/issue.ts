import { createHash, randomFillSync } from "node:crypto";
import { issueStatement, type Hex, type Json, type Signer } from "@quanlian/proof";
import { documents } from "./files.ts";
import { type IssuedLine, issuedLines } from "./issued.ts";
import { Journal } from "./journal.ts";
import { type KeyFolder, loadStatementKey, openKeyFolder } from "./key-folder.ts";
import { harmless } from "./print.ts";
import { parse, UsageError } from "./usage.ts";

const REASONS: Readonly<Record<string, number>> = { correction: 1, withdrawal: 2, repair: 3, annulment: 4 };

/** One record to be put on record, its values in the normal form of `GET /api/v1/types/…`. */
interface Draft {
  readonly type: string;
  readonly fields: Readonly<Record<string, Json>>;
  readonly reason?: string;
}

/** `quanlian issue`: 0 when all drafts are on record, 1 when one was refused, 2 when the service could not be reached. */
export async function runIssue(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    url: { type: "string" },
    department: { type: "string" },
    "key-dir": { type: "string" },
  });
  const folder = await openKeyFolder(values);
  const desk = await IssuingDesk.open(folder);
  let exitCode = 0;
  for await (const { name, content } of documents(positionals.length === 0 ? ["-"] : positionals, true)) {
    const issued = await desk.issue(draftOf(name, content));
    const { status, body } = await folder.service
      .ask("POST", "/api/v1/statements", { statement: issued.statement, ...(issued.given && { reason: issued.given }) })
      .catch((error: unknown) => ({ status: 0, body: { code: (error as Error).message } }));
    const said = { name, status, recordHash: issued.recordHash, ...pick(body) };
    process.stdout.write(`${harmless(JSON.stringify(said))}\n`);
    if (status === 0 || status >= 500) return 2;
    if (status >= 400) exitCode = 1;
  }
  return exitCode;
}

function pick({ id, code, problems, facts }: Record<string, unknown>) {
  return { ...(id !== undefined && { id }), ...(code !== undefined && { code, problems, facts }) };
}

function draftOf(name: string, content: Uint8Array): Draft {
  try {
    const draft = JSON.parse(Buffer.from(content).toString()) as Draft;
    if (typeof draft.type !== "string" || typeof draft.fields.eventTime !== "string") throw new TypeError("no draft");
    return { ...draft, fields: { links: [], ...draft.fields } };
  } catch {
    throw new UsageError(`${name} is not {"type", "fields"} with an eventTime`);
  }
}

/** What has been issued, by the hash of its draft. */
type Known = Map<string, Pick<IssuedLine, "statement" | "recordHash">>;

/** Makes statements, each on the disk before it leaves the house; of the same draft always the same one. */
class IssuingDesk {
  readonly #folder: KeyFolder;
  readonly #signer: Signer;
  readonly #journal: Journal<IssuedLine>;
  readonly #known: Known;
  readonly #claims = new Map<string, readonly string[]>();

  private constructor(folder: KeyFolder, signer: Signer, journal: Journal<IssuedLine>, known: Known) {
    this.#folder = folder;
    this.#signer = signer;
    this.#journal = journal;
    this.#known = known;
  }

  static async open(folder: KeyFolder): Promise<IssuingDesk> {
    const file = folder.path("issued.ndjson");
    const known: Known = new Map();
    for await (const { line } of issuedLines(file)) known.set(line.draft, line);
    return new IssuingDesk(folder, await loadStatementKey(folder), Journal.appending<IssuedLine>(file), known);
  }

  async issue({ type, fields, reason }: Draft): Promise<{ statement: string; recordHash: Hex; given?: string }> {
    const supersedes = supersededBy(fields);
    const given = reason ?? (supersedes.length > 0 ? "correction" : undefined);
    if (given !== undefined && REASONS[given] === undefined) throw new UsageError(`there is no reason ${given}`);
    const draft = createHash("sha256")
      .update(ordered([type, fields, given ?? null]))
      .digest("hex");
    const issued = this.#known.get(draft) ?? (await this.#make(type, fields));
    if (!this.#known.has(draft)) {
      const { statement, recordHash } = issued;
      await this.#journal.write({ recordHash, draft, supersedes, reason: given ? REASONS[given]! : null, statement });
      this.#known.set(draft, issued);
    }
    return { ...issued, ...(given !== undefined && { given }) };
  }

  async #make(type: string, fields: Draft["fields"]): Promise<Pick<IssuedLine, "statement" | "recordHash">> {
    const draft = {
      ...{ type, department: this.#folder.department, fields, fieldNames: await this.#claimsOf(type, fields) },
      year: Number((fields.eventTime as string).slice(0, 4)),
      signedAt: Math.floor(Date.now() / 1000),
    };
    return issueStatement(draft, this.#signer, (length) => randomFillSync(new Uint8Array(length)));
  }

  /** Names of all claims that the type knows, so that a missing one shows as a decoy. */
  async #claimsOf(type: string, fields: Draft["fields"]): Promise<readonly string[]> {
    if (!this.#claims.has(type)) {
      const { properties } = await this.#folder.service.get(`/api/v1/types/${type}`);
      this.#claims.set(type, Object.keys(properties as object));
    }
    return [...new Set([...this.#claims.get(type)!, ...Object.keys(fields)])];
  }
}

function supersededBy({ links }: Draft["fields"]): Hex[] {
  const cited = Array.isArray(links) ? (links as { rel?: Json; record?: Json }[]) : [];
  return cited.flatMap(({ rel, record }) =>
    rel === "supersedes" && typeof record === "string" ? [record as Hex] : [],
  );
}

/** JSON with its names in one order. */
function ordered(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(ordered).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${ordered(one)}`).join()}}`;
}

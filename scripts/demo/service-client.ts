// What a department, an enterprise and an operator ask of the service in the demonstration.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DemoTokens } from "../identity/demo-clients.ts";

export interface ImportAnswer {
  readonly id: string;
  readonly status: "waiting" | "running" | "done" | "failed";
  readonly rowsRead: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly failure: { readonly code: string; readonly en: string } | null;
}

export interface RejectedRow {
  readonly row: number;
  readonly problems: readonly { readonly column: string | null; readonly code: string; readonly en: string }[];
}

export interface HistoryRecord {
  readonly kind: number;
  readonly type: string;
  readonly number: string;
  readonly eventTime: string;
  readonly links: readonly {
    readonly rel: string;
    readonly direction: "cites" | "citedBy";
    readonly cited: { readonly number?: string };
    readonly records: readonly { readonly number: string }[];
  }[];
}

/** One place where the integrity run found other than what must be there. */
export interface Difference {
  readonly layer: string;
  readonly field: string | null;
  readonly record: string | null;
  readonly department: string | null;
  readonly sequence: number | null;
  readonly batchIndex: number | null;
  readonly stored: string | null;
  readonly expected: string | null;
}

interface IntegrityRun {
  readonly id: string;
  readonly status: "running" | "done";
  readonly records: number;
  readonly found: readonly Difference[];
}

/** Whose token a request carries. */
type Bearer = () => Promise<string>;

export class ServiceClient {
  readonly #api: string;
  readonly #tokens: DemoTokens;

  constructor(url: string, tokens: DemoTokens) {
    this.#api = `${url}/api/v1`;
    this.#tokens = tokens;
  }

  /** Uploads a file as a department does and waits until it is through. */
  async import(file: string, department: string, type: string): Promise<ImportAnswer> {
    const token = () => this.#tokens.ofDepartment(department);
    const form = new FormData();
    form.set("department", department);
    form.set("type", type);
    form.set("file", new Blob([await readFile(file)]), basename(file));
    const { id } = await this.#ask<ImportAnswer>("imports", token, { method: "POST", body: form });
    return this.#until(`imports/${id}`, token, ({ status }: ImportAnswer) => status === "done" || status === "failed");
  }

  async rejectedRows(importId: string, department: string): Promise<RejectedRow[]> {
    const token = () => this.#tokens.ofDepartment(department);
    const text = await (await this.#fetch(`imports/${importId}/errors?format=ndjson`, token)).text();
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as RejectedRow]));
  }

  /** The receipt file of a final record, as the department that decided it hands it out. */
  async receipt(recordId: string, department: string): Promise<string> {
    return (await this.#fetch(`records/${recordId}/receipt`, () => this.#tokens.ofDepartment(department))).text();
  }

  async trustList(): Promise<string> {
    return (await this.#fetch("trust", this.#asRegulator)).text();
  }

  async history(uscc: string): Promise<readonly HistoryRecord[]> {
    const path = `subjects/${uscc}/history?limit=200`;
    return (await this.#ask<{ records: HistoryRecord[] }>(path, this.#asRegulator)).records;
  }

  /** Asks as the enterprise for a certificate and waits for it. @returns its id */
  async certify(order: object): Promise<string> {
    const body = JSON.stringify(order);
    const { id } = await this.#ask<{ id: string }>("certificates", this.#asEnterprise, { method: "POST", body });
    const isOver = ({ status }: { status: string }) => status !== "waiting" && status !== "running";
    const { status } = await this.#until(`certificates/${id}`, this.#asEnterprise, isOver);
    if (status !== "done") throw new Error(`certificate ${id}: ${status}`);
    return id;
  }

  /** The file of a certificate. */
  async certificate(id: string): Promise<string> {
    return (await this.#fetch(`certificates/${id}/document`, this.#asEnterprise)).text();
  }

  async certificatePdf(id: string): Promise<Buffer> {
    return Buffer.from(await (await this.#fetch(`certificates/${id}/pdf`, this.#asEnterprise)).arrayBuffer());
  }

  /** Everything stored, derived again up to the chain. */
  async checkIntegrity(): Promise<{ records: number; found: readonly Difference[] }> {
    const { id } = await this.#ask<IntegrityRun>("integrity/runs", this.#asRegulator, { method: "POST" });
    return this.#until(`integrity/runs/${id}`, this.#asRegulator, ({ status }: IntegrityRun) => status === "done");
  }

  readonly #asRegulator: Bearer = () => this.#tokens.ofRole("regulator");
  readonly #asEnterprise: Bearer = () => this.#tokens.ofRole("enterprise");

  async #until<Body>(path: string, token: Bearer, done: (body: Body) => boolean): Promise<Body> {
    for (;;) {
      const body = await this.#ask<Body>(path, token);
      if (done(body)) return body;
      await sleep(25);
    }
  }

  async #ask<Body>(path: string, token: Bearer, request?: RequestInit): Promise<Body> {
    return (await this.#fetch(path, token, request)).json() as Promise<Body>;
  }

  async #fetch(path: string, token: Bearer, request?: RequestInit): Promise<Response> {
    const headers = new Headers({ authorization: `Bearer ${await token()}` });
    if (typeof request?.body === "string") headers.set("content-type", "application/json");
    const response = await fetch(`${this.#api}/${path}`, { ...request, headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}

// The clients: departments that send penalties over HTTP, and repeat each until it is answered.
import { setTimeout as sleep } from "node:timers/promises";
import type { Hex } from "@quanlian/proof";
import { demoDepartments } from "../dataset/departments.ts";
import type { DemoTokens } from "../identity/demo-clients.ts";
import type { Random } from "../dataset/random.ts";

const SENDERS = [demoDepartments.market, demoDepartments.haidianMarket, demoDepartments.environment];
const SUBJECTS = ["91110108MA9D00013X", "91110105MA9D00021D"];
const TIMEOUT_MS = 5_000;

/** One record as it is known outside the service. */
export interface Known {
  readonly department: string;
  readonly subject: string;
  readonly year: number;
  readonly number: string;
  readonly fine: string;
  /** The record that it supersedes. */
  readonly supersedes: Hex | undefined;
  /** Answered by 202 or 200. */
  accepted: { readonly id: string; readonly recordHash: Hex } | undefined;
  /** How often it was answered by 202: more than once means that it was taken in twice. */
  created: number;
}

export class Load {
  readonly known: Known[] = [];
  /** What a client was told that it must never be told. */
  readonly surprises: string[] = [];
  readonly #url: string;
  readonly #tokens: DemoTokens;
  #givenUp = false;

  constructor(url: string, tokens: DemoTokens) {
    this.#url = url;
    this.#tokens = tokens;
  }

  /** Sends `count` records at random moments; resolves when each has been accepted. */
  async send(count: number, lastsMs: number, random: Random): Promise<void> {
    const planned = Array.from({ length: count }, () => {
      const known = this.#draw(random);
      this.known.push(known);
      return { at: random.int(0, lastsMs), known };
    });
    const repeats = new Set(planned.filter(() => random.chance(0.1)));
    await Promise.all(
      planned.map(async (one) => {
        await sleep(one.at);
        await this.#insist(one.known);
        if (repeats.has(one)) await this.#insist(one.known);
      }),
    );
  }

  #draw(random: Random): Known {
    const corrected = this.known.at(random.int(0, this.known.length));
    const hash = corrected?.accepted?.recordHash;
    if (corrected && hash && this.#mayBeCorrected(corrected, hash) && random.chance(0.2))
      return { ...corrected, fine: "0.3", supersedes: hash, accepted: undefined, created: 0 };
    const year = random.int(2024, 2026);
    return {
      department: random.pick(SENDERS).uscc,
      subject: random.pick(SUBJECTS),
      year,
      number: `故障罚〔${year}〕${this.known.length + 1}-${random.int(1, 1_000_000)}号`,
      fine: "0.5",
      supersedes: undefined,
      accepted: undefined,
      created: 0,
    };
  }

  /** Once only, and no correction itself. */
  #mayBeCorrected({ supersedes }: Known, hash: Hex): boolean {
    return supersedes === undefined && !this.known.some((other) => other.supersedes === hash);
  }

  /** Until there is an answer: what a department does whose line has broken. */
  async #insist(known: Known): Promise<void> {
    while (!this.#givenUp && !(await this.#attempt(known))) await sleep(100);
  }

  /** Ends what is still being repeated. */
  giveUp(): void {
    this.#givenUp = true;
  }

  async #attempt(known: Known): Promise<boolean> {
    const answer = await this.#post(known);
    if (!answer || answer.status >= 500 || answer.status === 429) return false;
    const { status, body } = answer;
    if (status !== 202 && status !== 200) {
      this.surprises.push(`${known.number} was refused: ${status} ${JSON.stringify(body)}`);
      return true;
    }
    if (known.accepted && known.accepted.id !== body.id)
      this.surprises.push(`${known.number} has two ids: ${known.accepted.id} and ${body.id}`);
    known.accepted ??= body;
    if (status === 202) known.created++;
    return true;
  }

  async #post(known: Known): Promise<{ status: number; body: { id: string; recordHash: Hex } } | undefined> {
    try {
      const response = await fetch(`${this.#url}/api/v1/records`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${await this.#tokens.ofDepartment(known.department)}`,
          "content-type": "application/json",
          "idempotency-key": keyOf(known),
        },
        body: JSON.stringify(penalty(known)),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: response.status, body: (await response.json()) as { id: string; recordHash: Hex } };
    } catch {
      return undefined;
    }
  }
}

function keyOf({ number, supersedes }: Known): string {
  return `${Buffer.from(number).toString("base64url")}.${supersedes === undefined ? 1 : 2}`;
}

function penalty({ department, subject, year, number, fine, supersedes }: Known) {
  const sender = SENDERS.find(({ uscc }) => uscc === department)!;
  return {
    type: "enforcement.penalty/1",
    fields: {
      subjectName: "京海示例科技有限公司",
      subjectCategory: "法人及非法人组织",
      uscc: subject,
      legalRepresentative: "张示例",
      行政处罚决定书文号: number,
      违法行为类型: "未按规定公示信息",
      违法事实: "经查，当事人未在规定期限内公示年度报告。",
      处罚依据: "《市场主体登记管理条例》第四十三条",
      处罚类别: "罚款",
      处罚内容: "罚款",
      "罚款金额（万元）": fine,
      处罚决定日期: `${year}/03/02`,
      处罚有效期: `${year + 1}/03/02`,
      公示截止期: `${year + 1}/03/02`,
      authority: sender.zh,
      department,
      dataSource: sender.zh,
      dataSourceCode: department,
      ...(supersedes !== undefined && { links: [{ rel: "supersedes", record: supersedes }] }),
    },
  };
}

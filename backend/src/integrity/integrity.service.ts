import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Repository } from "typeorm";
import { uuidv7 } from "../database/uuid.ts";
import { Refusal } from "../http/refusal.ts";
import { IntegrityDifference } from "./integrity-difference.entity.ts";
import { type Depth, IntegrityRun, type Purpose } from "./integrity-run.entity.ts";
import type { RunAnswer } from "./integrity.schemas.ts";

const SHOWN = 1_000;

/** Integrity runs: asked for, and shown. */
@Injectable()
export class IntegrityService {
  constructor(
    @InjectRepository(IntegrityRun) private readonly runs: Repository<IntegrityRun>,
    @InjectRepository(IntegrityDifference) private readonly differences: Repository<IntegrityDifference>,
  ) {}

  async request(purpose: Purpose = "request", depth: Depth = "full"): Promise<RunAnswer> {
    const id = uuidv7();
    await this.runs.insert({ id, purpose, depth, phase: "batches", position: {} });
    return this.show(id);
  }

  /** @throws Refusal RUN_NOT_FOUND */
  async show(id: string): Promise<RunAnswer> {
    const run = await this.runs.findOneBy({ id });
    if (!run) throw new Refusal("RUN_NOT_FOUND");
    const found = await this.differences.find({ where: { run: id }, order: { position: "ASC" }, take: SHOWN });
    const { status, phase, records, batches, buckets, headsCompared, differences, startedAt, finishedAt } = run;
    return {
      ...{ id, status, phase, asOfBlock: run.blockNumber },
      ...{ records, batches, buckets, headsCompared, differences },
      startedAt: startedAt.toISOString(),
      finishedAt: finishedAt?.toISOString() ?? null,
      found: found.map(({ run: _run, position: _position, firstFound, lastRight, ...difference }) => {
        return { ...difference, firstFound: firstFound.toISOString(), lastRight: lastRight?.toISOString() ?? null };
      }),
    };
  }
}

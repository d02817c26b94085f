import { type BeforeApplicationShutdown, Injectable, Logger } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { DataSource, type Repository } from "typeorm";
import { BackgroundLoop } from "../background-loop.ts";
import { ChainUnavailable } from "../chain/chain-error.ts";
import { whileLocked } from "../database/session-lock.ts";
import { CertificateJob, type CertificateRefusal } from "./certificate-job.entity.ts";
import { CertificateMaker, type Made, type Progress } from "./certificate-maker.ts";
import { Papers } from "./paper/papers.ts";
import { SealedCertificates } from "./sealed-certificates.ts";

const PAUSE_MS = 100;
/** How often progress is written down, in milliseconds. */
const TELL_MS = 200;
/** Jobs looked at in one round, so that nobody waits behind all of somebody else's. */
const ROUND = 32;
/** A job that breaks off so often for a reason of its own is given up. */
const MAX_ATTEMPTS = 3;

/** Group of the advisory locks that claim certificates by their ids. */
const CERTIFICATE_LOCKS = 7_203;

/** Makes the certificates that are waited for; several workers share them by advisory locks that end with their session. */
@Injectable()
export class CertificateLoop implements BeforeApplicationShutdown {
  readonly #log = new Logger(CertificateLoop.name);
  readonly #loop = new BackgroundLoop(this.#log, (signal) => this.#round(signal));

  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(CertificateJob) private readonly jobs: Repository<CertificateJob>,
    private readonly maker: CertificateMaker,
    private readonly papers: Papers,
    private readonly sealed: SealedCertificates,
  ) {}

  start(): void {
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  async #round(signal: AbortSignal): Promise<number> {
    const open: { id: string }[] = await this.dataSource.query(
      `select id from certificate where status in ('waiting', 'running') order by created_at limit $1`,
      [ROUND],
    );
    for (const { id } of open) {
      await whileLocked(this.dataSource, [CERTIFICATE_LOCKS, id], () => this.#run(id));
      if (signal.aborted) break;
    }
    return PAUSE_MS;
  }

  /** Another worker may have finished it between the question and the lock. */
  async #run(id: string): Promise<void> {
    const job = await this.jobs.findOneByOrFail({ id });
    if (job.status !== "waiting" && job.status !== "running") return;
    try {
      const now = Math.floor(Date.now() / 1000);
      const made = await this.maker.make(await this.sealed.order(job), now, this.#tell(id));
      await this.#save(job, made);
    } catch (error) {
      if (error instanceof ChainUnavailable) throw error;
      await this.#breakOff(job, error);
    }
  }

  #tell(id: string): Progress {
    let told = 0;
    return async (done, total) => {
      if (Date.now() - told < TELL_MS) return;
      told = Date.now();
      await this.jobs.update({ id }, { status: "running", done, total });
    };
  }

  async #save({ id, code }: CertificateJob, made: Made): Promise<void> {
    if ("refusal" in made) return this.#refuse(id, "refused", made.refusal);
    const { document, verdict, steps } = made;
    const pdf = await this.papers.print(document, verdict, code);
    await this.sealed.finish(id, { document, pdf, steps });
  }

  async #refuse(id: string, status: "refused" | "failed", refusal: CertificateRefusal): Promise<void> {
    await this.dataSource.query(`update certificate set status = $2, refusal = $3, finished_at = now() where id = $1`, [
      id,
      status,
      refusal,
    ]);
  }

  async #breakOff({ id, attempts }: CertificateJob, error: unknown): Promise<void> {
    this.#log.error({ err: error, certificate: id }, "a certificate could not be made");
    if (attempts + 1 < MAX_ATTEMPTS) await this.jobs.update({ id }, { attempts: attempts + 1 });
    else await this.#refuse(id, "failed", { code: "INTERNAL", facts: {} });
  }
}

// How long the service's own code takes for a certificate's file alone: no paper, no waiting for a worker's round.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { NestFactory } from "@nestjs/core";
import type { CertificateOrder } from "../../../backend/src/certificates/certificate-order.ts";

type Application = typeof import("../../../backend/src/app.module.ts");
type Settings = typeof import("../../../backend/src/config.ts");
type Foundations = typeof import("../../../backend/src/foundations.ts");
type Makers = typeof import("../../../backend/src/certificates/certificate-maker.ts");

const DIST = join(import.meta.dirname, "../../../backend/dist");

/** What is built, since Node alone does not run decorators. */
function built<Module>(file: string): Promise<Module> {
  return import(pathToFileURL(join(DIST, file)).href) as Promise<Module>;
}

/** @param env the service's settings @returns milliseconds of each of `times` files, the first ones left out */
export async function certificateFiles(
  env: NodeJS.ProcessEnv,
  order: CertificateOrder,
  times: number,
): Promise<number[]> {
  const [{ AppModule }, { Config }, { openFoundations }, { CertificateMaker }] = await Promise.all([
    built<Application>("app.module.js"),
    built<Settings>("config.js"),
    built<Foundations>("foundations.js"),
    built<Makers>("certificates/certificate-maker.js"),
  ]);
  const config = new Config({ ...env, LOG_LEVEL: "fatal" });
  const module = AppModule.of(config, await openFoundations(config));
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    const maker = app.get(CertificateMaker);
    const took: number[] = [];
    for (let i = -times; i < times; i++) {
      const began = performance.now();
      const made = await maker.make(order, Math.floor(Date.now() / 1000), () => Promise.resolve());
      if ("refusal" in made) throw new Error(JSON.stringify(made.refusal));
      if (i >= 0) took.push(performance.now() - began);
    }
    return took;
  } finally {
    await app.close();
  }
}

import type { INestApplicationContext } from "@nestjs/common";
import { LogKeeping } from "./access/log-keeping.ts";
import { AnchoringLoop } from "./anchoring/anchoring-loop.ts";
import { CertificateLoop } from "./certificates/certificate-loop.ts";
import { ImportLoop } from "./imports/import-loop.ts";
import { OpenDataLoop } from "./open-data/open-data-loop.ts";
import { IntegrityLoop } from "./integrity/integrity-loop.ts";
import { DeliveryLoop } from "./webhooks/delivery-loop.ts";

/** Starts what works in the background: one process does it at least, any number may. */
export function startLoops(app: INestApplicationContext): void {
  app.get(AnchoringLoop).start();
  app.get(ImportLoop).start();
  app.get(IntegrityLoop).start();
  app.get(CertificateLoop).start();
  app.get(DeliveryLoop).start();
  app.get(LogKeeping).start();
  app.get(OpenDataLoop).start();
}

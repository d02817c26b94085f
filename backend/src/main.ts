import "reflect-metadata";
import { AnchoringLoop } from "./anchoring/anchoring-loop.ts";
import { Config, ConfigError } from "./config.ts";
import { createHttpApp } from "./http/http-app.ts";

try {
  const config = new Config(process.env);
  const app = await createHttpApp(config);
  await app.listen(config.port, config.host);
  if (config.role === "all") app.get(AnchoringLoop).start();
  process.send?.({ listening: await app.getUrl() });
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}

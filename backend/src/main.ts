import "reflect-metadata";
import { Config, ConfigError } from "./config.ts";
import { createHttpApp } from "./http/http-app.ts";
import { startLoops } from "./loops.ts";

try {
  const config = new Config(process.env);
  const app = await createHttpApp(config);
  await app.listen(config.port, config.host);
  if (config.role === "all") startLoops(app);
  process.send?.({ listening: await app.getUrl() });
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}

import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { Logger } from "nestjs-pino";
import { AppModule } from "./app.module.ts";
import { Config, ConfigError } from "./config.ts";
import { openFoundations } from "./foundations.ts";
import { startLoops } from "./loops.ts";

try {
  const config = new Config(process.env);
  const module = AppModule.of(config, await openFoundations(config));
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(module, { bufferLogs: true, abortOnError: false });
  app.useLogger(app.get(Logger));
  app.enableShutdownHooks();
  startLoops(app);
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}

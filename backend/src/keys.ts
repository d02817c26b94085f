import "reflect-metadata";
import { Config, ConfigError } from "./config.ts";
import { connectDatabase } from "./database/connect.ts";
import { migrate } from "./database/data-source.ts";
import { Refusal } from "./http/refusal.ts";
import { connectKeyEncryption } from "./personal/connect-key-encryption.ts";
import { destroyOldKeks, kekStates, rewrapAll } from "./personal/rotation.ts";

const USAGE = `npm run keys -- make FILE | status | rotate | rewrap | destroy-old
  make         a new KEY_FILE, and the VRF public key for the registry
  status       the key-encryption keys, and how many data keys each wraps
  rotate       a new one becomes the current one, and all data keys are wrapped by it
  rewrap       goes on with a rotation that was broken off, or moves all data keys to the KMS in force
  destroy-old  destroys all but the current one, for ever; refused while they wrap anything`;

/** @returns the exit code */
async function main([command, ...rest]: readonly string[]): Promise<number> {
  if (!command || rest.length > 0 || !["status", "rotate", "rewrap", "destroy-old"].includes(command))
    throw new ConfigError(USAGE);
  const config = new Config({ ...process.env, LOG_LEVEL: "fatal" });
  const keys = connectKeyEncryption(config);
  const dataSource = await connectDatabase(config.databaseUrl);
  try {
    await migrate(dataSource);
    if (command === "rotate") console.log(`${await keys.rotate()} is the current key-encryption key`);
    if (command === "rotate" || command === "rewrap") {
      const count = await rewrapAll(dataSource, keys, (n) => console.error(`${n} data keys wrapped anew`));
      console.log(`${count} data keys wrapped anew; everything is wrapped by ${await keys.current()}`);
    }
    if (command === "destroy-old") {
      const outcome = await destroyOldKeks(dataSource, keys);
      if (outcome.wrapped !== undefined) {
        console.error(`Refused: ${outcome.wrapped} data keys are still wrapped by an older key. Run rewrap first.`);
        return 1;
      }
      console.log(`destroyed: ${outcome.destroyed.join(", ") || "nothing, there is no older key"}`);
    }
    for (const { id, isCurrent, wraps, destroyedAt } of await kekStates(dataSource, keys))
      console.log(
        `${id}: ${destroyedAt ? `destroyed ${destroyedAt.toISOString()}` : `wraps ${wraps}`}${isCurrent ? ", current" : ""}`,
      );
    return 0;
  } finally {
    await dataSource.destroy();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof ConfigError || error instanceof Refusal ? error.message : error);
  process.exitCode = 2;
}

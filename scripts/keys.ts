// `npm run keys -- make FILE | status | rotate | rewrap | destroy-old` (docs/operations.md). `make` writes a new KEY_FILE and prints the
// public key of its VRF secret, which the registry is deployed with; the others are about the keys that wrap the keys of personal data.
import { writeFileSync } from "node:fs";
import { vrfPublicKey } from "@quanlian/proof";
import { getBytes } from "ethers";
import { newPlatformKeys } from "./launcher/key-files.ts";
import { runInTerminal } from "./launcher/service-command.ts";

const [command, ...rest] = process.argv.slice(2);
process.exitCode = command === "make" ? make(rest) : await runInTerminal("keys.js", process.argv.slice(2));

/** A file that is there stays: what its keys have closed nothing else opens. @returns the exit code */
function make([file, ...more]: readonly string[]): number {
  if (file === undefined || more.length > 0) {
    console.error("npm run keys -- make FILE");
    return 2;
  }
  const keys = newPlatformKeys();
  try {
    writeFileSync(file, JSON.stringify(keys, null, 2), { mode: 0o600, flag: "wx" });
  } catch (error) {
    console.error(`${file} was not written: ${(error as Error).message}`);
    return 1;
  }
  console.log(`VRF public key ${vrfPublicKey(getBytes(keys.vrfSecret))}`);
  return 0;
}

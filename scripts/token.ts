// `npm run -s token -- ROLE|USCC|department-system-key`: an access token of a demo client of the running embedded installation, for curl.
import { DemoTokens } from "./identity/demo-clients.ts";

const { QUANLIAN_DATA_DIR = ".data" } = process.env;
const [who] = process.argv.slice(2);

try {
  if (!who) throw new Error("Name a role (department-system, regulator, enterprise, …) or the code of a department.");
  console.log(await new DemoTokens(QUANLIAN_DATA_DIR).of(who));
} catch (error) {
  console.error(`quanlian: ${(error as Error).message}`);
  process.exitCode = 1;
}

// `npm run -s token -- ROLE|USCC`: an access token of a demo client of the running embedded installation, for curl.
import { DemoTokens, type DemoRole } from "./identity/demo-clients.ts";

const { QUANLIAN_DATA_DIR = ".data" } = process.env;
const [who] = process.argv.slice(2);

try {
  if (!who) throw new Error("Name a role (department-system, regulator, enterprise, …) or the code of a department.");
  const tokens = new DemoTokens(QUANLIAN_DATA_DIR);
  console.log(await (/^[0-9A-Z]{18}$/.test(who) ? tokens.ofDepartment(who) : tokens.ofRole(who as DemoRole)));
} catch (error) {
  console.error(`quanlian: ${(error as Error).message}`);
  process.exitCode = 1;
}

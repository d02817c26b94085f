// Writes docs/api/openapi.json: what the running service says of itself at /api/openapi.json. CI compares.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withThrowAwayPlatform } from "./launcher/throw-away.ts";

const FILE = join(import.meta.dirname, "../docs/api/openapi.json");

await withThrowAwayPlatform(console.log, async ({ url }) => {
  const document: unknown = await (await fetch(`${url}/api/openapi.json`)).json();
  await mkdir(dirname(FILE), { recursive: true });
  await writeFile(FILE, `${JSON.stringify(document, null, 2)}\n`);
});

// `npm run erase -- RECORD REASON`: erases what is personal in a record, with the access token in QUANLIAN_TOKEN (docs/access.md).
const [record, reason] = process.argv.slice(2);
const { QUANLIAN_TOKEN: token, QUANLIAN_URL: url = "http://127.0.0.1:3000" } = process.env;

if (!record || !reason || !token) {
  console.error("Give a record's id, a reason (docs/access.md lists them), and an access token in QUANLIAN_TOKEN.");
  process.exitCode = 2;
} else {
  await ask(record, reason).catch(() => {
    console.error(`quanlian: nothing answers at ${url}. Set QUANLIAN_URL to the address that npm start shows.`);
    process.exitCode = 1;
  });
}

async function ask(record: string, reason: string): Promise<void> {
  const answer = await fetch(`${url}/api/v1/records/${encodeURIComponent(record)}/erasure`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ reason }),
  });
  console.log(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
}

/** The three questions this page asks its site. Nothing else leaves the browser. */

const patienceMs = 15_000;

/** `GET /api/v1/trust`: the trust list as text. @throws when the site does not answer with one. */
export async function fetchTrustList(): Promise<string> {
  const response = await fetch("/api/v1/trust", { signal: AbortSignal.timeout(patienceMs) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}

/** `GET /api/v1/certificates/by-code/…`: the certificate that a paper's code names, as text. @throws when there is none */
export async function fetchCertificate(code: string): Promise<string> {
  const path = `/api/v1/certificates/by-code/${encodeURIComponent(code)}`;
  const response = await fetch(path, { signal: AbortSignal.timeout(patienceMs) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}

/** `POST /api/v1/chain/rpc`: one read-only JSON-RPC 2.0 call. @throws when the site or its node refuses or is silent. */
export async function askChain(method: string, params: unknown[]): Promise<unknown> {
  const response = await fetch("/api/v1/chain/rpc", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(patienceMs),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status} ${response.statusText}`.trim());
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (answer.error) throw new Error(answer.error.message);
  return answer.result;
}

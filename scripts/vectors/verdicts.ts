import { es256, verify, type Step, type TrustList } from "@quanlian/proof";
import { sm2Sm3 } from "@quanlian/proof/sm2";
import type { Case } from "../../proof/cli/conformance.ts";
import { readRecordedChain, type RecordedChain } from "../../proof/cli/recorded-chain.ts";

/** Whatever a verdict says besides its steps that passed; of a valid one, everything. */
export interface WholeVerdict {
  readonly format: string | null;
  readonly steps: readonly Step[];
  readonly clocks: object;
  readonly disclosed: object;
}

/** What this project's verifier says of a `verify` case, to the last word: `--json` shows it, so it may not change unseen. */
export async function wholeVerdict({ request }: Case): Promise<WholeVerdict> {
  const { document, documentBase64, trust, chain, now } = request as unknown as VerifyRequest;
  const reader = chain ? readRecordedChain(chain) : undefined;
  const options = { trust, chain: () => reader, now, suites: [es256, sm2Sm3] };
  const { verdict, format, steps, clocks, disclosed } = await verify(
    document ?? Buffer.from(documentBase64!, "base64"),
    options,
  );
  const told =
    verdict === "valid" ? steps : steps.filter(({ outcome, code }) => outcome !== "passed" && code !== "NOT_CHECKED");
  return { format, steps: told, clocks, disclosed };
}

interface VerifyRequest {
  readonly document?: string;
  readonly documentBase64?: string;
  readonly trust: TrustList;
  readonly chain: RecordedChain | null;
  readonly now: number;
}

import { es256, rpcChain, verify, type Suite, type Verdict } from "@quanlian/proof";
import { useCallback, useEffect, useRef, useState } from "react";
import { readPaper, type Paper, type Refusal } from "./paper.ts";
import { askChain, fetchCertificate } from "./service.ts";
import { trustOfFile, trustOfService, type ChosenTrust } from "./trust.ts";

export interface Answer {
  readonly paper: Paper;
  readonly trust: ChosenTrust;
  readonly verdict: Verdict;
  /** Unix seconds. */
  readonly verifiedAt: number;
}

/** Where a reader stands. `refused` keeps the paper when another attempt may succeed. */
export type Stage =
  | { readonly at: "waiting" }
  | { readonly at: "verifying"; readonly name: string }
  | {
      readonly at: "refused";
      readonly refusal: Refusal | "TRUST_UNREACHABLE" | "CERTIFICATE_UNREACHABLE";
      readonly paper?: Paper;
    }
  | ({ readonly at: "answered" } & Answer);

export interface Desk {
  readonly stage: Stage;
  readonly trust: ChosenTrust | null;
  /** The last file offered as a trust list was none; the list in use has not changed. */
  readonly trustRefused: boolean;
  readonly bring: (file: File) => void;
  readonly again: () => void;
  readonly clear: () => void;
  readonly chooseTrust: (file: File) => void;
  readonly useServiceTrust: () => void;
}

/** The desk where papers are verified: one at a time, and only the newest one's answer is shown. */
export function useDesk(): Desk {
  const [stage, setStage] = useState<Stage>({ at: "waiting" });
  const [trust, setTrust] = useState<ChosenTrust | null>(null);
  const [trustRefused, setTrustRefused] = useState(false);
  const turn = useRef(0);

  useEffect(() => {
    void trustOfService().then((list) => setTrust((current) => current ?? list));
  }, []);

  const examine = useCallback(async (paper: Paper, given: ChosenTrust | null) => {
    const mine = ++turn.current;
    setStage({ at: "verifying", name: paper.name });
    const list = given ?? (await trustOfService());
    const next: Stage = list ? await answer(paper, list) : { at: "refused", refusal: "TRUST_UNREACHABLE", paper };
    if (mine !== turn.current) return;
    setTrust(list);
    setStage(next);
  }, []);

  useEffect(() => {
    const code = codeIn(location.hash);
    if (code === null) return;
    setStage({ at: "verifying", name: code });
    void fetchCertificate(code).then(
      (text) => examine({ name: `${code}.json`, text }, null),
      () => setStage({ at: "refused", refusal: "CERTIFICATE_UNREACHABLE" }),
    );
  }, [examine]);

  const bring = useCallback(
    (file: File) => {
      void readPaper(file).then((reading) => {
        if ("paper" in reading) return examine(reading.paper, trust);
        setStage({ at: "refused", refusal: reading.refusal });
      });
    },
    [examine, trust],
  );

  const judgeBy = async (list: ChosenTrust | null): Promise<void> => {
    setTrustRefused(list === null);
    if (list === null) return;
    setTrust(list);
    const paper = paperOf(stage);
    if (paper) await examine(paper, list);
  };

  return {
    stage,
    trust,
    trustRefused,
    bring,
    again: () => {
      const paper = paperOf(stage);
      if (paper) void examine(paper, trust);
    },
    clear: () => {
      turn.current++;
      setStage({ at: "waiting" });
    },
    chooseTrust: (file) => void trustOfFile(file).then(judgeBy),
    useServiceTrust: () => void trustOfService().then(judgeBy),
  };
}

/** 国密 (SM2-SM3) comes as a file of its own, fetched while the reader looks for the receipt, so that the page opens sooner. */
const suites: Promise<readonly Suite[]> = import("@quanlian/proof/sm2").then(
  ({ sm2Sm3 }) => [es256, sm2Sm3],
  () => [es256],
);

/** Without a network the chain is not asked at all, and the verdict says what is proven without it. */
async function answer(paper: Paper, trust: ChosenTrust): Promise<Stage> {
  const verifiedAt = Math.floor(Date.now() / 1000);
  const verdict = await verify(paper.text, {
    trust: trust.list,
    chain: (chain) => (navigator.onLine ? rpcChain(askChain, chain) : undefined),
    now: verifiedAt,
    suites: await suites,
  });
  return { at: "answered", paper, trust, verdict, verifiedAt };
}

/** The code that the QR code of a certificate on paper leads here with. */
function codeIn(hash: string): string | null {
  return /^#certificate=([0-9A-Za-z-]{1,64})$/.exec(hash)?.[1] ?? null;
}

function paperOf(stage: Stage): Paper | undefined {
  return stage.at === "answered" || stage.at === "refused" ? stage.paper : undefined;
}

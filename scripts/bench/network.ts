// The pipeline on a real network, records by line: npm run bench -- network [--records N] [--json], with BESU_BIN.
// Four validators, a node that serves, service, PostgreSQL and load client share this machine.
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { computeAddress } from "ethers";
import { BesuNetwork } from "../../test/network/besu-network.ts";
import { allFinal, halfLoad } from "./pipeline.ts";
import { type Ground, onGround } from "./pipeline/ground.ts";
import { bodies, type Outcome, sendLines } from "./pipeline/load.ts";

const PREFIX_BITS = 16;

interface Figures {
  readonly finalPerSecond: number;
  /** From acceptance to finality, at half of that load. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

export async function run(args: string[]): Promise<void> {
  const options = { records: { type: "string", default: "4000" }, json: { type: "boolean", default: false } } as const;
  const { values } = parseArgs({ args, options });
  if (!process.env["BESU_BIN"]) {
    console.error("BESU_BIN is not set to a besu executable: nothing was measured.");
    process.exitCode = 1;
    return;
  }
  const networks: BesuNetwork[] = [];
  const measured = await onGround(
    PREFIX_BITS,
    undefined,
    (ground) => measure(ground, networks[0]!, Number(values.records)),
    async (_, senders) => {
      const accounts = [senders.deployer, senders.registrar, senders.relayer].map((key) => computeAddress(key)).join();
      const network = await BesuNetwork.start("--port-offset", "24000", "--accounts", accounts);
      networks.push(network);
      // The node that serves keeps all state: validators, whose newest state moves on, at times fail to estimate gas.
      const chain = {
        ...{
          url: network.urls.at(-1)!,
          chainId: Number(await network.ask(0)("eth_chainId")),
          savedFile: "",
          lost: null,
        },
        ...{ settled: () => Promise.resolve(), broken: new Promise<Error>(() => {}), stop: () => network.stop() },
      };
      const env = { CHAIN_RPC_URLS: network.urls.join(), VALIDATORS_FILE: network.trustFile };
      return { chain, env, pace: () => Promise.resolve() };
    },
  );
  const report = { machine: cpus()[0]?.model, cores: cpus().length, date: new Date().toISOString(), ...measured };
  if (values.json) console.log(JSON.stringify(report));
  else console.dir(report, { depth: null });
}

async function measure(ground: Ground, network: BesuNetwork, records: number) {
  const source = bodies("network");
  const submit = (count: number, rate?: number) =>
    sendLines(`${ground.service.url}/api/v1/records/lines`, ground.authorization, source, count, rate);
  say("warming up");
  await allFinal(ground, await submit(records / 4));
  const engine = await network.ask(0)<string>("web3_clientVersion");
  say("all four validators");
  const four = await figures(ground, submit, records);
  network.kill(3);
  say("one of them killed");
  const oneDown = await figures(ground, submit, records);
  return { engine, records, four, oneDown, load: loadavg()[0] };
}

async function figures(
  ground: Ground,
  submit: (count: number, rate?: number) => Promise<Outcome>,
  records: number,
): Promise<Figures> {
  const began = performance.now();
  const outcome = await submit(records);
  const seconds = await allFinal(ground, outcome, began);
  const rate = outcome.accepted / seconds;
  return { finalPerSecond: Math.round(rate), latencyMs: await halfLoad(ground, () => submit(records / 2, rate / 2)) };
}

function say(phrase: string): void {
  console.error(`  … ${phrase}`);
}

// The pipeline on a real network: npm run bench -- network [--records N] [--json], with BESU_BIN.
// Four validators, a node that serves, service, PostgreSQL and load client share this machine.
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { computeAddress } from "ethers";
import { BesuNetwork } from "../../test/network/besu-network.ts";
import { allFinal, halfLoad } from "./pipeline.ts";
import { type Ground, onGround } from "./pipeline/ground.ts";
import { bodies, send } from "./pipeline/load.ts";

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
      const chain = {
        ...{ url: network.urls[0]!, chainId: Number(await network.ask(0)("eth_chainId")), savedFile: "", lost: null },
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
  await allFinal(ground, await send(`${ground.service.url}/api/v1/records`, ground.authorization, source, records / 4));
  const four = await figures(ground, source, records);
  network.kill(3);
  const three = await figures(ground, source, records);
  return {
    engine: await network.ask(0)<string>("web3_clientVersion"),
    records,
    four,
    oneDown: three,
    load: loadavg()[0],
  };
}

async function figures(ground: Ground, source: Iterator<string>, records: number): Promise<Figures> {
  const url = `${ground.service.url}/api/v1/records`;
  const began = performance.now();
  const outcome = await send(url, ground.authorization, source, records);
  const seconds = await allFinal(ground, outcome, began);
  const rate = outcome.accepted / seconds;
  return {
    finalPerSecond: Math.round(rate),
    latencyMs: await halfLoad(ground, () => send(url, ground.authorization, source, records / 2, rate / 2)),
  };
}

import { encodeRlp, getBytes, keccak256, toBeArray, ZeroAddress, ZeroHash } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import { decodeExtraData, genesisExtraData } from "../../proof/src/finality/extra-data.ts";
import { EMPTY_TRIE_ROOT } from "../../proof/src/finality/trie.ts";
import type { QbftTrust } from "../../proof/src/finality/validators.ts";

/** Settings of a chain that cannot be changed later without a coordinated restart. */
export interface ChainSettings {
  readonly chainId: number;
  readonly blockPeriodSeconds: number;
  /** After so long without a block the next validator proposes; doubles with each round. */
  readonly requestTimeoutSeconds: number;
  /** Votes on validators lapse after so many blocks. */
  readonly epochLength: number;
  readonly gasLimit: number;
}

/** Measured with four validators on two cores: a larger gas limit with a shorter timeout kept losing rounds. */
export const DEFAULT_SETTINGS: Omit<ChainSettings, "chainId"> = {
  blockPeriodSeconds: 1,
  requestTimeoutSeconds: 10,
  epochLength: 30_000,
  gasLimit: 60_000_000,
};

/** keccak-256 by which a header says that its block is decided by a BFT protocol. */
const BFT_MIX_HASH = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365";
const ONE_GWEI = 1_000_000_000;

export type Genesis = ReturnType<typeof genesisOf>;

/** Besu's genesis file: QBFT from block 0, Cancun, free gas, no prefunded account. */
export function genesisOf(settings: ChainSettings, validators: readonly Hex[]) {
  return {
    config: {
      chainId: settings.chainId,
      londonBlock: 0,
      zeroBaseFee: true,
      shanghaiTime: 0,
      cancunTime: 0,
      blobSchedule: { cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 } },
      qbft: {
        blockperiodseconds: settings.blockPeriodSeconds,
        epochlength: settings.epochLength,
        requesttimeoutseconds: settings.requestTimeoutSeconds,
      },
    },
    nonce: "0x0",
    timestamp: "0x0",
    gasLimit: `0x${settings.gasLimit.toString(16)}`,
    difficulty: "0x1",
    mixHash: BFT_MIX_HASH,
    coinbase: ZeroAddress,
    alloc: {},
    extraData: checkedExtraData(validators),
  };
}

/** Written by the code that verifies blocks, and read back by it: a mistake here would make a chain that nobody can start. */
function checkedExtraData(validators: readonly Hex[]): Hex {
  const extraData = genesisExtraData(validators);
  const read = decodeExtraData(getBytes(extraData));
  const same = read?.validators.join() === [...validators].sort().join();
  if (!same || read.round !== 0 || read.vote !== null || read.seals.length > 0) {
    throw new Error("the genesis extra data does not read back as the validators");
  }
  return extraData;
}

/** Hash of the genesis block that Besu makes of a genesis file without accounts. */
export function genesisHash(genesis: Pick<Genesis, "gasLimit" | "extraData">): Hex {
  const noUncles = keccak256(encodeRlp([]));
  const zero = toBeArray(0);
  return keccak256(
    encodeRlp([
      ZeroHash,
      noUncles,
      ZeroAddress,
      EMPTY_TRIE_ROOT,
      EMPTY_TRIE_ROOT,
      EMPTY_TRIE_ROOT,
      new Uint8Array(256),
      toBeArray(1),
      zero,
      toBeArray(BigInt(genesis.gasLimit)),
      zero,
      zero,
      genesis.extraData,
      BFT_MIX_HASH,
      new Uint8Array(8),
      toBeArray(ONE_GWEI), // the genesis block shows this base fee even where gas is free
      EMPTY_TRIE_ROOT,
      zero,
      zero,
      ZeroHash,
    ]),
  ) as Hex;
}

/** What a verifier's trust list has to say about the new chain. */
export function trustOf(settings: ChainSettings, genesis: Genesis, validators: readonly Hex[]): QbftTrust {
  return {
    epochLength: settings.epochLength,
    sets: [{ from: 0, until: null, validators: [...validators].sort() }],
    pins: [{ number: 0, hash: genesisHash(genesis) }],
  };
}

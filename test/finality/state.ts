import { encodeRlp, getBytes, id, keccak256, toBeArray } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import type { AccountAnswer } from "../../proof/src/finality/assemble.ts";
import { buildTrie } from "../../proof/src/finality/build-trie.ts";

/** A state with contracts and their storage (RLP by slot), as some node keeps it; `answer` is eth_getProof. */
export function stateOf(contracts: Readonly<Record<Hex, Readonly<Record<Hex, Uint8Array>>>>) {
  const storages = new Map<string, ReturnType<typeof buildTrie>>();
  const accounts = Object.entries(contracts).map(([address, slots]) => {
    const storage = buildTrie(
      Object.entries(slots).map(([slot, value]) => ({ key: getBytes(keccak256(slot)), value })),
    );
    storages.set(address, storage);
    const fields = [toBeArray(1), toBeArray(0), storage.root, id(`code of ${address}`)];
    return { key: getBytes(keccak256(address)), value: getBytes(encodeRlp(fields)) };
  });
  const trie = buildTrie(accounts);
  const answer = (address: Hex, slots: readonly Hex[]): AccountAnswer => ({
    address,
    accountProof: trie.prove(getBytes(keccak256(address))),
    storageProof: slots.map((key) => ({ key, proof: storages.get(address)?.prove(getBytes(keccak256(key))) ?? [] })),
  });
  return { root: trie.root, answer };
}

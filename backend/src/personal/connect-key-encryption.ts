import type { Config } from "../config.ts";
import { BothKeyEncryptions } from "./both-key-encryptions.ts";
import type { KeyEncryption } from "./key-encryption.ts";
import { LocalKeyEncryption } from "./local-key-encryption.ts";
import { isOfTransit, TransitKeyEncryption } from "./transit-key-encryption.ts";

/**
 * Where this installation's key-encryption keys lie, by its settings; the key file and a Vault that is named are both opened, so
 * that an installation can move from one to the other. @throws ConfigError
 */
export function connectKeyEncryption({ transit, formerTransit, keyFile }: Config): KeyEncryption {
  const local = new LocalKeyEncryption(keyFile);
  if (transit) return new BothKeyEncryptions(new TransitKeyEncryption(transit), local, (kek) => !isOfTransit(kek));
  if (formerTransit) return new BothKeyEncryptions(local, new TransitKeyEncryption(formerTransit), isOfTransit);
  return local;
}

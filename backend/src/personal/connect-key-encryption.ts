import type { Config } from "../config.ts";
import type { KeyEncryption } from "./key-encryption.ts";
import { LocalKeyEncryption } from "./local-key-encryption.ts";
import { TransitKeyEncryption } from "./transit-key-encryption.ts";

/** Where this installation's key-encryption keys lie, by its settings. @throws ConfigError */
export function connectKeyEncryption({ transit, keyFile }: Config): KeyEncryption {
  return transit ? new TransitKeyEncryption(transit) : new LocalKeyEncryption(keyFile);
}

import { enode, isLoopback, type Member, type Role } from "./member.ts";
import { toToml, type TomlValue } from "./toml.ts";

/**
 * APIs by role. Votes, peers and allow-lists are for a node's own operator, so they are offered on loopback only, and not by the
 * nodes that serve others. DEBUG gives the raw headers and receipts that finality proofs are made of.
 */
const APIS: Record<Role, readonly string[]> = {
  validator: ["ETH", "NET", "WEB3", "QBFT", "DEBUG", "TXPOOL", "ADMIN", "PERM"],
  rpc: ["ETH", "NET", "WEB3", "QBFT", "DEBUG", "TXPOOL"],
  observer: ["ETH", "NET", "WEB3", "QBFT", "DEBUG", "ADMIN", "PERM"],
};

/** Besu's options for one node (its `--config-file`); all paths are relative to the node's folder. */
function besuOptions(member: Member, peers: number): Readonly<Record<string, TomlValue>> {
  return {
    identity: member.name,
    "data-path": "data",
    "node-private-key-file": "key",
    "genesis-file": "genesis.json",
    "static-nodes-file": "static-nodes.json",
    "data-storage-format": member.storage,
    "sync-mode": "FULL",
    "sync-min-peers": 1,

    "p2p-enabled": true,
    "p2p-host": member.host,
    "p2p-interface": member.host,
    "p2p-port": member.p2pPort,
    "nat-method": "NONE",
    "discovery-enabled": false,
    "max-peers": Math.max(25, 2 * peers),
    "remote-connections-limit-enabled": false,
    "permissions-nodes-config-file-enabled": true,
    "permissions-nodes-config-file": "permissions.toml",
    "permissions-accounts-config-file-enabled": true,
    "permissions-accounts-config-file": "permissions.toml",

    "rpc-http-enabled": true,
    "rpc-http-host": "127.0.0.1",
    "rpc-http-port": member.rpcPort,
    "rpc-http-api": APIS[member.role],
    "host-allowlist": ["localhost", "127.0.0.1"],
    "metrics-enabled": true,
    "metrics-host": "127.0.0.1",
    "metrics-port": member.metricsPort,

    "min-gas-price": 0,
    "tx-pool-enable-balance-check": false,
    // One relayer sends all batches: its queue must not be cut short as a stranger's would.
    "tx-pool-max-future-by-sender": 1000,
    logging: "INFO",
    "color-enabled": false,
  };
}

export function configToml(member: Member, peers: number): string {
  const where = isLoopback(member.host) ? "one machine, loopback only" : `reachable at ${member.host}`;
  return toToml(`Besu ${member.role} ${member.name} (${member.institution}), ${where}`, besuOptions(member, peers));
}

/** Peers that a node connects to by itself: all the others. */
export function staticNodes(member: Member, members: readonly Member[]): string {
  const others = members.filter(({ name }) => name !== member.name);
  return `${JSON.stringify(others.map(enode), null, 2)}\n`;
}

/** Who may connect, and whose transactions are taken. */
export function permissionsToml(members: readonly Member[], accounts: readonly string[]): string {
  return toToml("Nodes that may connect, accounts that may send transactions", {
    "nodes-allowlist": members.map(enode),
    "accounts-allowlist": accounts,
  });
}

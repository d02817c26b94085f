import type { ChainSettings } from "./genesis.ts";
import { enode, isLoopback, type Member } from "./member.ts";

const DUTY = {
  validator: ["验证节点：轮流出块、签封区块", "validator: proposes and seals blocks"],
  rpc: ["服务节点：供平台读写，保存全部状态", "RPC node: serves the platform, keeps all state"],
  observer: ["观察节点：只同步、只查看", "observer: follows the chain"],
} as const;

/** The page that goes to the institution together with its node's folder. Chinese first: it is for the person on duty. */
export function operatorPage(member: Member, members: readonly Member[], settings: ChainSettings): string {
  const [zh, en] = DUTY[member.role];
  const validators = members.filter(({ role }) => role === "validator");
  const tolerated = Math.floor((validators.length - 1) / 3);
  const others = members.filter(({ name }) => name !== member.name).map(({ host, p2pPort }) => `${host}:${p2pPort}`);
  return `# ${member.institution} · ${member.name}

${zh}
(${en})

| 项目 | 值 |
|---|---|
| 链号 chain id | ${settings.chainId} |
| 节点地址 address | \`${member.address}\` |
| 节点标识 enode | \`${enode(member)}\` |
| 对外端口 | TCP ${member.p2pPort}，仅对下列节点放行：${others.join("、") || "无"} |
| 本机端口 | RPC 127.0.0.1:${member.rpcPort}，监控 127.0.0.1:${member.metricsPort}；均不得对外开放 |
| 出块间隔 | ${settings.blockPeriodSeconds} 秒；${settings.requestTimeoutSeconds} 秒无块则换下一节点出块 |

## 密钥

- 文件 \`key\` 是节点私钥，权限 0600，任何时候都不外传、不入库、不进日志。
- 正式部署请在本单位自行生成（\`npm run network -- key --out 目录\`），只把公钥交给汇总方；条件允许时放入密码机（Besu \`--security-module\`）。
- 同一私钥不得同时在两台机器上运行，也不得用于另一条链。恢复备份前先确认原机已停。
- **退出网络时销毁私钥**：旧私钥凑够三分之二即可伪造旧区块（docs/decisions/0007-validator-sets.md）。

## 启动与停止

\`\`\`
sudo install -d -o besu -m 0700 /var/lib/quanlian/${member.name}   # 把本目录内容放进去
sudo systemctl enable --now quanlian-${member.name}
sudo systemctl stop quanlian-${member.name}
\`\`\`

本机时钟须与标准时间同步（NTP）：超前 1 秒以上的区块会被其他节点拒绝。

## 每天看什么

\`\`\`
npm run network -- status --dir 目录
curl -s -X POST -H 'content-type: application/json' --data '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}' http://127.0.0.1:${member.rpcPort}
\`\`\`

- 区块高度每 ${settings.blockPeriodSeconds} 秒加一；对等节点数应为 ${others.length}。
- 磁盘：按 docs/capacity.md 的增长量预留一年以上。

## 出故障时

- 共 ${validators.length} 个验证节点，停 ${tolerated} 个仍可出块；再多则停止出块，不会分叉，已上链的不受影响。
- 停过之后恢复缓慢（等待时间逐轮加倍）：足够多的节点恢复后，请各单位**同时重启全部验证节点**，比等待快。
- 数据目录损坏：停止节点，删除 \`data\`（不要删 \`key\`），重新启动，会从其他节点重新同步。

## 增减验证节点

半数以上的验证节点在各自本机投票，下一区块起生效；${settings.epochLength} 个区块内未过半则作废。

\`\`\`
npm run network -- add-validator --dir 目录 --node 名称
npm run network -- remove-validator --dir 目录 --node 名称
\`\`\`

投票所在的区块头即为证明，由上述命令保存在 \`changes/\`，供核验方更新信任名单。
${isLoopback(member.host) ? "\n> 本目录按单机演示生成：所有节点只监听 127.0.0.1，不构成多方互信。\n" : ""}`;
}

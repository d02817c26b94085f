// What processes have used so far, from /proc.
import { readdirSync, readFileSync } from "node:fs";
import { findProcesses } from "../embedded/processes.ts";

/** USER_HZ of Linux. */
const TICKS = 100;

export interface Usage {
  readonly cpuSeconds: number;
  readonly residentMegabytes: number;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly ticks: number;
}

/** Our own children by program, each with all below it; and this process, which is the load client. */
export function usageByProgram(): Readonly<Record<string, Usage>> {
  const all = processes();
  const usage: Record<string, Usage> = { client: usageOf([all.find(({ pid }) => pid === process.pid)!]) };
  for (const child of all.filter(({ parent }) => parent === process.pid)) {
    const name = child.name === "node" || child.name === "MainThread" ? "service" : child.name;
    const below = usageOf(withDescendants(child, all));
    const known = usage[name] ?? { cpuSeconds: 0, residentMegabytes: 0 };
    usage[name] = {
      cpuSeconds: known.cpuSeconds + below.cpuSeconds,
      residentMegabytes: known.residentMegabytes + below.residentMegabytes,
    };
  }
  return usage;
}

function processes(): Process[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0)
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [open, close] = [stat.indexOf("("), stat.lastIndexOf(")")];
        const fields = stat
          .slice(close + 2)
          .split(" ")
          .map(Number);
        // proc(5), fields 4 and 14 to 17: the parent, and the time of the process and of its ended children.
        const ticks = fields[11]! + fields[12]! + fields[13]! + fields[14]!;
        return [{ pid, parent: fields[1]!, name: stat.slice(open + 1, close), ticks }];
      } catch {
        return [];
      }
    });
}

function withDescendants(one: Process, all: readonly Process[]): Process[] {
  return [one, ...all.filter(({ parent }) => parent === one.pid).flatMap((child) => withDescendants(child, all))];
}

function usageOf(some: readonly Process[]): Usage {
  return {
    cpuSeconds: some.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS,
    residentMegabytes: some.reduce((sum, { pid }) => sum + residentOf(pid), 0),
  };
}

function residentOf(pid: number): number {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Largest resident set that the service of this data folder has had so far. */
export function peakMegabytes(folder: string): number {
  const [service] = findProcesses("node", folder);
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${service}/status`, "utf8"))!;
  return Number(kilobytes) / 1024;
}

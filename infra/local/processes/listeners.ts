import { readdirSync } from 'node:fs';
import { processIds, readProc, readProcLink, readStat } from './proc.ts';

/** A process that listens on a port, as far as this user may see it. */
export type Listener = { pid: number; name: string };

/** The processes that listen on this port; those of other users are visible to root alone. */
export function listenersOn(port: number): Listener[] {
  const sockets = listeningSockets(port);
  if (sockets.size === 0) return [];
  return processIds()
    .filter((pid) => holdsOneOf(pid, sockets))
    .map((pid) => ({ pid, name: readProc(`${pid}/comm`).trim() }));
}

/**
 * Whether a child listens on this port itself, or a process of its group: another program may have taken the port
 * between choice and use, and answers there too.
 */
export function groupListens(leader: number, port: number): boolean {
  const sockets = listeningSockets(port);
  return processIds()
    .filter((pid) => pid === leader || readStat(pid)?.group === leader)
    .some((pid) => holdsOneOf(pid, sockets));
}

/** `socket:[inode]` of each listening socket: field 1 is the address, 3 the state (0A listens), 9 the inode. */
function listeningSockets(port: number): Set<string> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = ['net/tcp', 'net/tcp6'].flatMap((name) => readProc(name).split('\n'));
  const listening = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address, , state]) => state === '0A' && address?.endsWith(`:${wanted}`));
  return new Set(listening.map((fields) => `socket:[${fields[9]}]`));
}

function holdsOneOf(pid: number, sockets: Set<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(readProcLink(`${pid}/fd/${fd}`)));
  } catch {
    // It ended meanwhile, or belongs to another user.
    return false;
  }
}

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process that listens on a port, as far as this user may see it. */
export type Listener = { pid: number; name: string };

/** Who listens on this port of the machine; processes of other users show themselves to root alone. */
export function listenersOn(port: number): Listener[] {
  const sockets = listeningSockets(port);
  if (sockets.size === 0) return [];
  return processes()
    .filter((pid) => holdsOneOf(pid, sockets))
    .map((pid) => ({ pid, name: textOf(`/proc/${pid}/comm`).trim() }));
}

/**
 * Whether a child listens on this port itself, or a process of its group: another program may have taken the port
 * between choice and use, and answers there too.
 */
export function groupListens(leader: number, port: number): boolean {
  const sockets = listeningSockets(port);
  return processes()
    .filter((pid) => pid === leader || groupOf(pid) === leader)
    .some((pid) => holdsOneOf(pid, sockets));
}

/** `socket:[inode]` of each listening socket: field 1 is the address, 3 the state (0A listens), 9 the inode. */
function listeningSockets(port: number): Set<string> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = ['tcp', 'tcp6'].flatMap((name) => textOf(`/proc/net/${name}`).split('\n'));
  const listening = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address, , state]) => state === '0A' && address?.endsWith(`:${wanted}`));
  return new Set(listening.map((fields) => `socket:[${fields[9]}]`));
}

function processes(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function groupOf(pid: number): number {
  const stat = textOf(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

function holdsOneOf(pid: number, sockets: Set<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(targetOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return false;
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

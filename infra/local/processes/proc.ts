import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** All processes of this machine (Linux). */
export function processIds(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** The state, group and start time of a process; undefined where none has this id. */
export function readStat(pid: number): { state: string; group: number; startedAt: string } | undefined {
  const stat = readProc(`${pid}/stat`);
  if (stat === '') return undefined;
  // The command in brackets may contain blanks; the state after it is field 3, the group 5, the start time 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), startedAt: fields[19] ?? '' };
}

/** A file below /proc; empty where it cannot be read, as of a process that has ended or of another user. */
export function readProc(path: string): string {
  return emptyOnError(() => readFileSync(`/proc/${path}`, 'utf8'));
}

/** Where a link below /proc points; empty where it cannot be read. */
export function readProcLink(path: string): string {
  return emptyOnError(() => readlinkSync(`/proc/${path}`));
}

function emptyOnError(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

import { mkdirSync, readdirSync } from 'node:fs';
import { appendFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { declaration } from '@aeo/proto';
import type { ProvisionalRow, Request, Spool } from '../ports.ts';
import { frameOf, framesOf } from './frames.ts';

const rowsPerFile = 200;
const filesPerDrain = 10;
const rememberedMax = 10_000;
const setAsideFile = 'set-aside.jsonl';

/**
 * Declarations decided while they could not be recorded, in numbered files of 200 at most. A file is closed when it is
 * full, when it is drained, and when something went wrong with it; a drain removes each one after its rows were taken.
 * A request that is kept twice is written once.
 */
export function fileSpool(directory: string): Spool {
  mkdirSync(directory, { recursive: true });
  let number = Math.max(0, ...readdirSync(directory).map(numberOf)) + 1;
  let held = 0;
  let last: Promise<void> = Promise.resolve();
  const inOrder = (work: () => Promise<void>) => (last = last.then(work, work));
  const written = new WeakMap<Request, Promise<void>>();
  let waiting: Kept[] = [];
  let writing: Promise<void> | undefined;
  const close = () => {
    if (held > 0) number += 1;
    held = 0;
  };
  const write = async (kept: readonly Kept[]) => {
    if (held + kept.length > rowsPerFile) close();
    // Counted before it is written: what fails half-way still closes the file behind it.
    held += kept.length;
    const bytes = Buffer.concat(kept.map((each) => frameOf(bytesOf(each))));
    await appendFile(join(directory, nameOf(number)), bytes, { flush: true }).catch((error: unknown) => {
      close();
      kept.forEach(({ request }) => written.delete(request));
      throw error;
    });
  };
  // Whatever came while the disk was busy goes in one write: many late answers at once wait for one flush, not for all.
  const writeWaiting = async () => {
    const all = waiting;
    [waiting, writing] = [[], undefined];
    let failed: Error | undefined;
    for (let start = 0; start < all.length; start += rowsPerFile)
      await write(all.slice(start, start + rowsPerFile)).catch((error: Error) => (failed ??= error));
    if (failed !== undefined) throw failed;
  };
  return {
    keep: async (requests, acceptedAt) => {
      for (const request of requests.filter((each) => !written.has(each))) {
        waiting.push({ request, acceptedAt });
        writing ??= inOrder(writeWaiting);
        written.set(request, writing);
      }
      await Promise.all(requests.flatMap((request) => written.get(request) ?? []));
    },
    drain: async (take) => {
      await inOrder(() => Promise.resolve(close()));
      const full = (await readdir(directory)).map(numberOf).filter((each) => each > 0 && each < number);
      for (const each of full.sort((a, b) => a - b).slice(0, filesPerDrain)) {
        const { rows, torn } = rowsOf(await readFile(join(directory, nameOf(each))));
        await take(rows, torn);
        await rm(join(directory, nameOf(each)));
      }
    },
    setAside: setAside(directory),
  };
}

/** What a file holds of a request. */
type Kept = { request: Request; acceptedAt: Date };

/** Rows that cannot be recorded, a JSON line for each with its reason; each is written once for a process. */
function setAside(directory: string): Spool['setAside'] {
  const remembered = new Set<string>();
  return async (row, reason) => {
    const { declarationId, version } = row.declaration;
    const key = `${declarationId}/${version}/${row.stage}`;
    if (remembered.has(key)) return false;
    const message = declaration.DeclarationLodged.toJSON(lodged(row));
    const line = `${JSON.stringify({ at: new Date().toISOString(), reason, message })}\n`;
    await appendFile(join(directory, setAsideFile), line, { flush: true });
    if (remembered.size >= rememberedMax) remembered.clear();
    remembered.add(key);
    return true;
  };
}

function nameOf(number: number): string {
  return `spool-${String(number).padStart(12, '0')}.bin`;
}

function numberOf(file: string): number {
  return Number(/^spool-(\d{12})\.bin$/.exec(file)?.[1] ?? 0);
}

function lodged({
  declaration: declared,
  stage,
  probe,
  acceptedAt,
}: ProvisionalRow): declaration.DeclarationLodged {
  return { declaration: declared, stage, probe, lodgedAt: acceptedAt };
}

function bytesOf({ request, acceptedAt }: Kept): Uint8Array {
  return declaration.DeclarationLodged.encode(lodged({ acceptedAt, ...request })).finish();
}

function rowsOf(bytes: Buffer): { rows: ProvisionalRow[]; torn: number } {
  const { payloads, torn } = framesOf(bytes);
  const rows = payloads.flatMap((payload) => {
    const message = declaration.DeclarationLodged.decode(payload);
    const { stage, probe, lodgedAt: acceptedAt } = message;
    return message.declaration ? [{ declaration: message.declaration, stage, probe, acceptedAt }] : [];
  });
  return { rows, torn };
}

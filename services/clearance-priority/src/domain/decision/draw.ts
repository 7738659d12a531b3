import { createHash, createHmac } from 'node:crypto';
import type { clearanceDecision, declaration } from '../vocabulary.ts';

export type RandomDraw = clearanceDecision.RandomDraw;

const million = 1_000_000n;

/** The key of one day and its published name: its SHA-256, hexadecimal. */
export type DayKey = { key: Buffer; id: string };

const derived = new WeakMap<Uint8Array, Map<string, DayKey>>();
const daysKept = 64;

/**
 * The key of one day: HMAC-SHA256(master, yyyy-mm-dd). Given to auditors after the day, its hash before. Derived once
 * for each master and day, since every draw of a day reads it.
 */
export function dayKey(master: Uint8Array, day: string): DayKey {
  const days = derived.get(master) ?? new Map<string, DayKey>();
  derived.set(master, days);
  const known = days.get(day);
  if (known !== undefined) return known;
  if (days.size >= daysKept) days.clear();
  const key = createHmac('sha256', master).update(day).digest();
  const fresh = { key, id: createHash('sha256').update(key).digest('hex') };
  days.set(day, fresh);
  return fresh;
}

/** What the draw is made for: the consignment, whatever version of the declaration speaks of it. */
export function consignmentKey(
  goods: Pick<declaration.Declaration, 'transportDocument' | 'declarationId'>,
): string {
  return goods.transportDocument === ''
    ? `declaration/${goods.declarationId}`
    : `transport-document/${goods.transportDocument}`;
}

/** Draws once for a consignment. The same key, day and consignment always give the same draw. */
export function drawRandom(
  { key, id }: DayKey,
  day: string,
  consignment: string,
  probabilityPpm: number,
): RandomDraw {
  const hash = createHmac('sha256', key).update(consignment).digest();
  const valuePpm = Number((hash.readBigUInt64BE(0) * million) >> 64n);
  return { keyId: id, day, probabilityPpm, selected: valuePpm < probabilityPpm, valuePpm };
}

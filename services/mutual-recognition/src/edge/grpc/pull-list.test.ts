import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@aeo/platform/errors';
import type { CallContext } from '@aeo/platform/grpc';
import type { JSONWebKeySet } from 'jose';
import { afterAll, expect, test } from 'vitest';
import { arrangementOf } from '../../../../../tests/setup/partner-list.ts';
import { fileSigner, verifyDetached } from '../../adapters/signatures.ts';
import { digestOf, headerText } from '../../domain/list/list.ts';
import { judgeList } from '../../domain/list/verify-list.ts';
import type { PullPorts } from '../../application/receiving/pull-list.ts';
import type { Partner } from '../../ports.ts';
import { pullList } from './pull-list.ts';

const folder = mkdtempSync(join(tmpdir(), 'pull-'));
afterAll(() => rmSync(folder, { recursive: true }));

const arrangement = arrangementOf();
const now = new Date('2026-06-01T00:00:00Z');
const header = {
  issuer: 'there',
  arrangement: 'a1',
  sequence: 1,
  previousHash: '',
  count: 0,
  digest: digestOf([]),
  issuedAt: '2026-05-31T00:00:00Z',
  validUntil: '2026-06-30T00:00:00Z',
};

/** Judges with nothing known yet; notes what was called, in order. */
function recordingPorts(calls: string[], pinned: JSONWebKeySet | undefined): Omit<PullPorts, 'partner'> {
  let keys = pinned;
  const note = (call: string) => Promise.resolve(void calls.push(call));
  return {
    verifySignature: verifyDetached,
    received: {
      pinnedKeys: () => Promise.resolve(keys),
      pinKeys: (received) => {
        keys ??= received;
        return note('pin');
      },
      findLastAccepted: () => Promise.resolve(undefined),
      saveRefusal: (code) => note(`refuse ${code}`),
    },
    receive: async (list) => {
      const known = { lastAccepted: undefined, sameSequence: undefined, operators: new Map() };
      const { verdict } = judgeList(list, known, arrangement, now);
      await note(verdict.kind);
      return verdict;
    },
    publishOwed: () => note('publish'),
  };
}

const partnerWith = (keys: JSONWebKeySet, signature: string): Partner => ({
  keys: () => Promise.resolve(keys),
  headers: () => Promise.resolve([{ header, signature }]),
  list: () => Promise.resolve({ header, signature, rows: [] }),
  acknowledge: () => Promise.resolve(),
});

function pull(partner: Partner, ports: Omit<PullPorts, 'partner'>) {
  const context = { actor: 'clerk', peer: 'officer' } as CallContext;
  return pullList({ ...ports, arrangement, partner })({ arrangementId: 'a1' }, context);
}

const signer = (name: string) => fileSigner(join(folder, `${name}.pem`));

test('a list signed with the key received first is accepted', async () => {
  const one = signer('one');
  const calls: string[] = [];
  const partner = partnerWith(await one.keys(), await one.sign(headerText(header)));
  expect(await pull(partner, recordingPorts(calls, undefined))).toMatchObject({ refused: [] });
  expect(calls).toEqual(['publish', 'pin', 'accepted', 'publish']);
});

test('a list signed with another key than the pinned one is refused, though the partner serves that key now', async () => {
  const [one, other] = [signer('one'), signer('other')];
  const calls: string[] = [];
  const partner = partnerWith(await other.keys(), await other.sign(headerText(header)));
  const answer = await pull(partner, recordingPorts(calls, await one.keys()));
  expect(answer).toMatchObject({ refused: [{ code: 'SIGNATURE_INVALID' }] });
  expect(calls).not.toContain('accepted');
});

test('what an earlier list owes is published though the partner cannot be reached', async () => {
  const calls: string[] = [];
  const gone: Partner = {
    ...partnerWith({ keys: [] }, ''),
    headers: () => Promise.reject(new AppError('unavailable', 'UNAVAILABLE', 'the partner does not answer')),
  };
  await expect(pull(gone, recordingPorts(calls, { keys: [] }))).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect(calls).toEqual(['publish']);
});

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Command } from '../domain/operator/decide.ts';
import { requestHash } from './idempotency.ts';

const commands: [Command, string][] = [
  [
    { type: 'DowngradeCertificate', certificateId: 'c', tier: 't', reason: 'why' },
    '{"type":"DowngradeCertificate","certificateId":"c","effectiveFrom":null,"tier":"t","reason":"why"}',
  ],
  [
    { type: 'RevokeCertificate', certificateId: 'c', reason: 'why', reasonId: undefined },
    '{"type":"RevokeCertificate","certificateId":"c","reason":"why"}',
  ],
  [
    { type: 'SuspendCertificate', certificateId: 'c', reason: 'why', reasonId: 'debt', effectiveFrom: null },
    '{"type":"SuspendCertificate","certificateId":"c","reason":"why","reasonId":"debt","effectiveFrom":null}',
  ],
];

test.each(commands)('%o has the hash under which its answer is stored', (command, stored) => {
  const hash = createHash('sha256').update(`["asked","operator",${stored}]`).digest();
  expect(requestHash({ name: 'asked' }, 'operator', command)).toEqual(hash);
});

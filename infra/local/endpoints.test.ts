import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeEndpoints } from './endpoints.ts';

test('only the owner can read the addresses, also where an earlier file was readable by all', () => {
  const folder = mkdtempSync(join(tmpdir(), 'endpoints-'));
  const file = join(folder, 'endpoints.json');
  writeFileSync(file, '{}', { mode: 0o644 });
  const brokers = {
    kafkaBrokers: '127.0.0.1:1',
    postgresUrl: 'postgres://127.0.0.1:2',
    redisUrl: 'redis://x',
  };
  const services = { home: { 'risk-scoring': { grpc: 'localhost:3', rest: 'https://localhost:4' } } };
  writeEndpoints(folder, brokers, services);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...brokers, services });
  rmSync(folder, { recursive: true });
});

import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const env = {
  ADMINISTRATION: 'home',
  DATABASE_URL: 'postgres://localhost/home',
  KAFKA_BROKERS: 'localhost:9092',
  GRPC_PORT: '0',
  HTTP_PORT: '0',
  TLS_DIR: '/tls',
  RISK_ADDRESS: 'localhost:1',
  COUNTRY: 'XA',
  DRAW_MASTER_KEY: Buffer.alloc(32).toString('base64'),
  SPOOL_DIR: '/spool',
  PROOF_KEY_FILE: '/key',
};

test('one consignment in a hundred is drawn unless another share is set, and never none', () => {
  expect(loadConfig(env).FLOOR_PPM).toBe(10_000);
  expect(loadConfig({ ...env, FLOOR_PPM: '1' }).FLOOR_PPM).toBe(1);
  expect(() => loadConfig({ ...env, FLOOR_PPM: '0' })).toThrow('FLOOR_PPM');
});

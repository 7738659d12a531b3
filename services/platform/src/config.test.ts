import { expect, test } from 'vitest';
import { platformSettings, readConfig } from './config.ts';

const env = {
  ADMINISTRATION: 'home',
  DATABASE_URL: 'postgres://u:p@127.0.0.1/d',
  KAFKA_BROKERS: '127.0.0.1:1, 127.0.0.1:2',
  TLS_DIR: 'tls',
};

test('settings are read, typed and frozen', () => {
  const config = readConfig(platformSettings, env);
  expect(config).toMatchObject({ KAFKA_BROKERS: ['127.0.0.1:1', '127.0.0.1:2'], GRPC_PORT: 0 });
  expect(Object.isFrozen(config)).toBe(true);
});

test.each(['not a url', 'http://issuer.example', 'ftp://127.0.0.1'])('%s cannot be an issuer', (issuer) => {
  const read = () => readConfig(platformSettings, { ...env, OIDC_ISSUER: issuer });
  expect(read).toThrow(/OIDC_ISSUER: /);
});

test('every bad variable is named at once', () => {
  const read = () => readConfig(platformSettings, { ...env, ADMINISTRATION: 'Home!', GRPC_PORT: '99999' });
  expect(read).toThrow(/ADMINISTRATION: [^]*GRPC_PORT: /);
});

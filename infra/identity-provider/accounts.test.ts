import { readFileSync } from 'node:fs';
import { roles } from '@aeo/platform/identity';
import { expect, test } from 'vitest';
import { accounts, accountsText, findAccount, systems } from './accounts.ts';

test('each role has an account, and each is somebody else', () => {
  const all = [...accounts, ...systems];
  expect(new Set(all.flatMap((each) => each.roles))).toEqual(new Set(roles));
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
});

test('the terminal and the readme tell every account as it is', () => {
  const told = [
    accountsText('http://127.0.0.1:1'),
    readFileSync(new URL('README.md', import.meta.url), 'utf8'),
  ];
  for (const text of told) {
    for (const { id, password } of accounts) expect(text).toMatch(new RegExp(`${id}.*${password}`));
    for (const { id, secret } of systems) expect(text).toMatch(new RegExp(`${id}.*${secret}`));
  }
});

test('an account opens with its own password alone', () => {
  const [first, second] = accounts as [(typeof accounts)[0], (typeof accounts)[0]];
  expect(findAccount(first.id, first.password)).toBe(first);
  expect(findAccount(first.id, second.password)).toBeUndefined();
  expect(findAccount('', '')).toBeUndefined();
});

import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test('options that are not given have defaults', () => {
  expect(readOptions([])).toMatchObject({ capacity: 0.1, rate: 150, seed: 1, limit: undefined, once: false });
});

test.each([
  [['--capacity', '1.5'], '--capacity takes a number from 0 to 1, not "1.5"'],
  [['--limit', '2.5'], '--limit takes a whole number from 1 to 10000000, not "2.5"'],
  [['--rate', '0'], '--rate takes a number from 1 to 100000, not "0"'],
  [['--seed', ''], '--seed takes a whole number from 0 to 2147483647, not ""'],
  [
    ['--stack', 'podman'],
    '--stack takes local (programs of this machine) or docker (containers), not "podman"',
  ],
  [['--stack'], '--stack takes local'],
  [['--stack=docker', '--keep'], '--keep goes with --stack local alone'],
  [['--programme', 'nowhere'], '--programme takes one of demonstration, eu-aeo, in-aeo'],
  [['--programme', 'demonstration,eu-aeo'], 'not "demonstration"'],
  [['--speed', '3'], "Unknown option '--speed'"],
])('%j is refused', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});

test('firms are certified under the demonstration, or under the programmes that are named', () => {
  expect(readOptions([]).programmes).toEqual([]);
  expect(readOptions(['--programme', 'eu-aeo, in-aeo,eu-aeo']).programmes).toEqual(['eu-aeo', 'in-aeo']);
});

test('the stack runs on this machine unless docker is chosen', () => {
  expect(readOptions([]).stack).toBe('local');
  expect(readOptions(['--stack', 'docker', '--once'])).toMatchObject({ stack: 'docker', once: true });
  expect(readOptions(['--stack=docker']).stack).toBe('docker');
});

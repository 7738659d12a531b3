import { expect, test } from 'vitest';
import { needsStack, selectProjects, takeProjects } from './test-selection.ts';

const all = ['unit', 'integration', 'system'];

test('projects are taken out of the command line, patterns and options stay', () => {
  const args = ['--project', 'unit', '--project', 'system', 'infra/local', '-t', 'a title'];
  expect(takeProjects(args)).toEqual({
    projects: ['unit', 'system'],
    rest: ['infra/local', '-t', 'a title'],
  });
});

test('a command line without patterns selects all its projects', () => {
  expect(selectProjects({ projects: all, rest: [] }).projects).toEqual(all);
});

test('a pattern selects the projects that have a matching file', () => {
  const selected = (pattern: string) => selectProjects({ projects: all, rest: [pattern] }).projects;
  expect(selected('infra/tasks/test-selection')).toEqual(['unit']);
  expect(selected('infra/local/stack')).toEqual(['unit', 'integration']);
  expect(selected('tests/system/')).toEqual(['system']);
});

test('a pattern without a matching file is an error that quotes it', () => {
  expect(() => selectProjects({ projects: ['unit'], rest: ['no-such-file'] })).toThrow(
    'No test file of unit matches "no-such-file"',
  );
});

test('unit tests alone need no stack', () => {
  expect(needsStack(['unit'])).toBe(false);
  expect(needsStack(['unit', 'integration'])).toBe(true);
});

import { expect, test } from 'vitest';
import type { Benefit } from '../definition/procedure.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';
import { tfa77Of } from './tfa77.ts';

const benefit = (id: string, tfa77?: string) => ({ id, label: { en: id }, tfa77 }) as unknown as Benefit;
const programme = (benefits: Benefit[]) =>
  ({ id: 'p', version: 1, benefits }) as unknown as ProgrammeDefinition;

test('three different measures are enough, two with several benefits are not', () => {
  const two = tfa77Of(programme([benefit('x', 'b'), benefit('y', 'b'), benefit('z', 'c'), benefit('w')]));
  expect(two).toEqual({
    programme: 'p',
    version: 1,
    isEnough: false,
    granted: { b: [{ en: 'x' }, { en: 'y' }], c: [{ en: 'z' }] },
  });
  expect(tfa77Of(programme([benefit('x', 'b'), benefit('y', 'c'), benefit('z', 'g')])).isEnough).toBe(true);
});

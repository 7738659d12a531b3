import { expect, test } from 'vitest';
import { killServicesInTurn } from './kill-services.ts';

test('kills are spread over the declarations, one after the other, with a check after each', async () => {
  const lines: string[] = [];
  const back: (() => void)[] = [];
  const services = ['a', 'b', 'c'].map((name) => ({
    name,
    stop: () => Promise.resolve(),
    kill: () => new Promise<string>((resolve) => back.push(() => resolve(`killed ${name}`))),
  }));
  const afterEach = () => Promise.resolve(void lines.push('proven'));
  const kills = killServicesInTurn({
    services,
    declarations: 100,
    log: (line) => lines.push(line),
    afterEach,
  });
  kills.onDecided(24);
  expect(back).toHaveLength(0);
  kills.onDecided(25);
  await expect.poll(() => back).toHaveLength(1);
  kills.onDecided(100);
  expect(back).toHaveLength(1);
  back[0]!();
  await expect.poll(() => back).toHaveLength(2);
  back[1]!();
  await expect.poll(() => back).toHaveLength(3);
  back[2]!();
  await kills.done();
  expect(lines).toEqual(['killed a', 'proven', 'killed b', 'proven', 'killed c', 'proven']);
});

import { expect, test } from 'vitest';
import { killInTurn } from './kill-services.ts';

test('kills are spread over the declarations, one after the other, with a proof after each', async () => {
  const told: string[] = [];
  const back: (() => void)[] = [];
  const services = ['a', 'b', 'c'].map((name) => ({
    name,
    stop: () => Promise.resolve(),
    kill: () => new Promise<string>((resolve) => back.push(() => resolve(`killed ${name}`))),
  }));
  const afterEach = () => Promise.resolve(void told.push('proven'));
  const kills = killInTurn({ services, declarations: 100, tell: (line) => told.push(line), afterEach });
  kills.decided(24);
  expect(back).toHaveLength(0);
  kills.decided(25);
  await expect.poll(() => back).toHaveLength(1);
  kills.decided(100);
  expect(back).toHaveLength(1);
  back[0]!();
  await expect.poll(() => back).toHaveLength(2);
  back[1]!();
  await expect.poll(() => back).toHaveLength(3);
  back[2]!();
  await kills.over();
  expect(told).toEqual(['killed a', 'proven', 'killed b', 'proven', 'killed c', 'proven']);
});

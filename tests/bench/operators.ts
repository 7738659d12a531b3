import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import type { Benchmark, Finding } from './benchmark.ts';

/** What a million operators cost: each decision its time, each operator its memory. */
export const operatorsBenchmark: Benchmark = {
  name: 'operators',
  what: 'cost of a decision at 1,000,000 ÷ 10,000 operators, and memory an operator',
  async run(site) {
    const script = fileURLToPath(new URL('operators-main.ts', import.meta.url));
    const memory = ['--expose-gc', '--max-old-space-size=8192'];
    const settings = JSON.stringify({ ...site.blocks, onPair: undefined });
    const { stdout } = await promisify(execFile)(process.execPath, [...memory, script, settings]);
    return JSON.parse(stdout) as Finding[];
  },
};

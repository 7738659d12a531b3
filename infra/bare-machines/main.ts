import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Case } from './cases.ts';
import { bareImage, copyProject, warmLayer, missingPrerequisite } from './images.ts';
import { startMachine } from './machine.ts';
import { startTrial } from './trial.ts';
import { allCases } from './all-cases.ts';

/** Outside of the clone: tools that search the clone would search a whole Debian as well. */
const clone = createHash('sha256').update(process.cwd()).digest('hex').slice(0, 12);
const folder = join('/var/tmp', `aeo-bare-${clone}`);

const usage = `Tries npm start on machines that lack something. Each trial has a Debian of its own in a folder (debootstrap,
chroot), a user without rights and a copy of this project. It needs root and Debian.

  node infra/bare-machines/main.ts --list      the names of the trials, one a line
  node infra/bare-machines/main.ts NAME …      these trials; without names, all

Exit code 0: all hold. 1: something does not. 2: there is no such trial. 3: it cannot run on this machine.
Its files are in ${folder} (two gigabytes); they are kept for the next trial.`;

/** Runs one trial on a machine of its own and prints what happened. */
async function attempt(name: string, { title, warm, attempt: work }: Case): Promise<boolean> {
  print(`== ${name}: ${title}`);
  const layers = warm ? [await warmLayer(folder), bareImage(folder)] : [bareImage(folder)];
  const machine = startMachine(join(folder, 'tries', name), layers);
  const trial = startTrial(machine, print);
  try {
    copyProject(machine);
    await work(trial);
  } catch (error) {
    trial.problems.push((error as Error).message);
  } finally {
    machine.remove();
  }
  for (const problem of trial.problems) print(`DOES NOT HOLD: ${problem}`);
  print(`== ${name}: ${trial.problems.length === 0 ? 'holds' : 'does not hold'}`);
  return trial.problems.length === 0;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { list: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help) return (print(usage), 0);
  if (values.list) return (print(Object.keys(allCases).join('\n')), 0);
  const names = positionals.length > 0 ? positionals : Object.keys(allCases);
  const unknown = names.find((name) => !Object.hasOwn(allCases, name));
  if (unknown !== undefined) return (print(`There is no trial ${unknown}.\n\n${usage}`), 2);
  const missing = missingPrerequisite();
  if (missing !== undefined) return (print(`Cannot be tried on this machine: ${missing}.`), 3);
  let holds = true;
  for (const name of names) {
    const found = allCases[name];
    if (found !== undefined) holds = (await attempt(name, found)) && holds;
  }
  return holds ? 0 : 1;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  print((error as Error).message);
  process.exitCode = 1;
}

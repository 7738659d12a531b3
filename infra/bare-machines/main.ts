import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Case } from './cases.ts';
import { bareImage, bringProject, warmLayer, whatIsMissing } from './images.ts';
import { startMachine } from './machine.ts';
import { startTrial } from './trial.ts';
import { allCases } from './all-cases.ts';

/** Outside of the clone: whoever walks that would walk a whole Debian as well. */
const clone = createHash('sha256').update(process.cwd()).digest('hex').slice(0, 12);
const folder = join('/var/tmp', `aeo-bare-${clone}`);

const usage = `Tries what a start does on a machine that lacks something. Each try has a Debian of its own in a folder
(debootstrap, chroot), a user without rights and a copy of this project as it stands; as root, on Debian.

  node infra/bare-machines/main.ts --list      the names of the tries, one a line
  node infra/bare-machines/main.ts NAME …      these tries; without names, all

Exit code 0: all hold. 1: something does not. 2: there is no such try. 3: cannot be tried on this machine.
What it makes lies in ${folder} (two gigabytes); it is kept, so that the next try begins at once.`;

/** Runs one try on a machine of its own and tells what it saw. */
async function attempt(name: string, { title, warm, attempt: work }: Case): Promise<boolean> {
  tell(`== ${name}: ${title}`);
  const layers = warm ? [await warmLayer(folder), bareImage(folder)] : [bareImage(folder)];
  const machine = startMachine(join(folder, 'tries', name), layers);
  const trial = startTrial(machine, tell);
  try {
    bringProject(machine);
    await work(trial);
  } catch (error) {
    trial.problems.push((error as Error).message);
  } finally {
    machine.remove();
  }
  for (const problem of trial.problems) tell(`DOES NOT HOLD: ${problem}`);
  tell(`== ${name}: ${trial.problems.length === 0 ? 'holds' : 'does not hold'}`);
  return trial.problems.length === 0;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { list: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help) return (tell(usage), 0);
  if (values.list) return (tell(Object.keys(allCases).join('\n')), 0);
  const names = positionals.length > 0 ? positionals : Object.keys(allCases);
  const unknown = names.find((name) => !Object.hasOwn(allCases, name));
  if (unknown !== undefined) return (tell(`There is no try ${unknown}.\n\n${usage}`), 2);
  const missing = whatIsMissing();
  if (missing !== undefined) return (tell(`Cannot be tried on this machine: ${missing}.`), 3);
  let holds = true;
  for (const name of names) {
    const found = allCases[name];
    if (found !== undefined) holds = (await attempt(name, found)) && holds;
  }
  return holds ? 0 : 1;
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  tell((error as Error).message);
  process.exitCode = 1;
}

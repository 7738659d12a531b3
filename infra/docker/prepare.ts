import { prepareDatabases } from './prepare-databases.ts';
import { prepareFiles } from './prepare-files.ts';

/** The one-shots of the composition: `files` before Postgres starts, `databases` when it answers. */
const steps: Record<string, (folder: string) => Promise<string[]>> = {
  files: (folder) => prepareFiles(folder),
  databases: (folder) => prepareDatabases(folder, process.env['POSTGRES_ADDRESS'] ?? 'postgres:5432'),
};

const [name = ''] = process.argv.slice(2);
const step = steps[name];
if (step === undefined) throw new Error(`one of ${Object.keys(steps).join(', ')} is wanted, not "${name}"`);
for (const line of await step(process.env['PREPARED'] ?? '/prepared')) process.stdout.write(`${line}\n`);

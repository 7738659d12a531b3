import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { programmeJsonSchema } from '@aeo/programmes/files';

writeFileSync(
  'services/programmes/programme.schema.json',
  `${JSON.stringify(programmeJsonSchema(), null, 2)}\n`,
);

// buf finds the generator on the PATH, which the bootstrap begins with the project's own programs.
const result = spawnSync('node_modules/.bin/buf', ['generate'], { stdio: 'inherit' });
process.exit(result.status ?? 1);

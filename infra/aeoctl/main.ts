import { historyCommand } from './certificate-history.ts';
import { checkCommand } from './programme-check.ts';
import { decideCommand } from './programme-decide.ts';
import { questionsCommand } from './programme-questions.ts';
import { tfa77Command } from './report-tfa77.ts';
import { CommandError, type Command } from './command.ts';

const usage = `aeoctl: what an administration does from the command line

npm run aeoctl -- programme check FILE …
    Checks programme files and reports each problem by its path in the file.
npm run aeoctl -- programme decide FILE FACTS.json [--language en]
    Decides what a firm would be granted under a programme, criterion by criterion, with the reasons.
npm run aeoctl -- programme questions FILE [--size SIZE] [--role ROLE] [--tier TIER] [--language en]
    Lists the questions for an applicant, and the evidence that proves its answers.
npm run aeoctl -- certificate history ID [--as-of INSTANT] [--known-at INSTANT]
        [--registry https://HOST:PORT] [--tls FOLDER] [--as officer]
    How a certificate stood at one instant, as it was known at another, and what happened to it. Asks the registry
    at --registry (or AEO_REGISTRY_URL) with the certificate of that name in --tls (or TLS_DIR).
npm run aeoctl -- report tfa77 [FILE …]
    Which measures of the WTO Trade Facilitation Agreement each programme grants.

  --json   the answer as JSON
  --help   this text

Exit code 0: done. 1: a file cannot be used, the firm is granted nothing, or the registry refuses. 2: the command line cannot be understood.
How a programme file is written: docs/programmes.md.
`;

const commands: Record<string, Command> = {
  'certificate history': historyCommand,
  'programme check': checkCommand,
  'programme decide': decideCommand,
  'programme questions': questionsCommand,
  'report tfa77': tfa77Command,
};

/** @returns the exit code */
async function run(args: readonly string[]): Promise<number> {
  if (args.length === 0 || args.includes('--help')) {
    process.stdout.write(usage);
    return args.length === 0 ? 2 : 0;
  }
  const [group = '', verb = '', ...rest] = args;
  const command = Object.hasOwn(commands, `${group} ${verb}`) ? commands[`${group} ${verb}`] : undefined;
  if (command === undefined) throw new CommandError(`There is no command "${group} ${verb}".`, 2);
  const { text, json, code } = await command(rest);
  process.stdout.write(rest.includes('--json') ? `${JSON.stringify(json, null, 2)}\n` : `${text}\n`);
  return code;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  process.stderr.write(`${error.message}\nnpm run aeoctl -- --help lists the commands.\n`);
  process.exitCode = error.code;
}

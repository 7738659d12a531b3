// Loads a task on the installed Node 24. A damaged package is reported in a sentence, without a stack trace.
const [file = '', ...rest] = process.argv.slice(2);
process.argv.splice(1, process.argv.length, file, ...rest);
try {
  await import(file);
} catch (error) {
  if (!isDamage(error)) throw error;
  process.stderr.write(
    `The installed packages are damaged. Install them again: rm -rf node_modules && npm start\n${error.message}\n`,
  );
  process.exit(1);
}

function isDamage(error) {
  const codes = [
    'ERR_MODULE_NOT_FOUND',
    'MODULE_NOT_FOUND',
    'ERR_PACKAGE_PATH_NOT_EXPORTED',
    'ERR_INVALID_PACKAGE_CONFIG',
    'ERR_DLOPEN_FAILED',
  ];
  return codes.includes(error?.code) || (error instanceof SyntaxError && !/\.ts\b/.test(firstPlace(error)));
}

/** A syntax error names the file it is in on its first line. */
function firstPlace(error) {
  return String(error.stack).split('\n')[0] ?? '';
}

import { watch } from 'node:fs';

/** Editors write a file in several steps, and a checkout changes many files. */
const quietMs = 200;

/**
 * Watches folders with all below them and calls back once the files are quiet again after a change. Tests and installed
 * packages are ignored.
 *
 * @returns what ends the watching
 */
export function watchFiles(folders: readonly string[], onChange: (file: string) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watchers = folders.map((folder) =>
    watch(folder, { recursive: true }, (_, file) => {
      if (file === null || isIgnored(file)) return;
      clearTimeout(timer);
      timer = setTimeout(() => onChange(file), quietMs);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

function isIgnored(file: string): boolean {
  return file.split('/').includes('node_modules') || file.endsWith('.test.ts') || file.endsWith('.md');
}

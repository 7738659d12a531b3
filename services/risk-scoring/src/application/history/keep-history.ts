import type { HistoryDeclaration, Ports } from '../../ports.ts';

/**
 * Keeps past declarations with their outcomes, all of them or none.
 *
 * @returns the numbers of their items that were new and that were held already
 */
export async function keepHistory(
  { addHistory }: Pick<Ports, 'addHistory'>,
  declarations: readonly HistoryDeclaration[],
): Promise<{ imported: number; alreadyHeld: number }> {
  const items = declarations.reduce((total, each) => total + each.items.length, 0);
  const imported = await addHistory(declarations);
  return { imported, alreadyHeld: items - imported };
}

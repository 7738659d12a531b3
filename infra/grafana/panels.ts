import { readFileSync } from 'node:fs';

export type Panel = { title: string; query: string; source: string };

type Dashboard = {
  panels: { title: string; targets?: { expr: string; datasource: { uid: string } }[] }[];
};

/** The panels of a dashboard, with a query each. */
export function panelsOf(path: string): Panel[] {
  const { panels } = JSON.parse(readFileSync(path, 'utf8')) as Dashboard;
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, datasource }) => ({ title, query: expr, source: datasource.uid })),
  );
}

import type { Tier } from '../definition/definition.ts';
import type { Problem } from './problem.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';

/** What a file may say by its layout and cannot mean. */
export function consistencyProblems(definition: ProgrammeDefinition): Problem[] {
  return [
    ...ofTiers(definition),
    ...ofSteps(definition),
    ...ofClocks(definition),
    ...ofValidity(definition),
    ...ofGradings(definition),
    ...ofOverlays(definition),
    ...ofBenefits(definition),
    ...ofConsents(definition),
  ];
}

function problem(path: string, message: string): Problem {
  return { code: 'CONTRADICTION', path, message };
}

function ofTiers({ tiers, components, combinations }: ProgrammeDefinition): Problem[] {
  const find = (id: string | undefined) => tiers.find((tier) => tier.id === id);
  return [
    ...tiers.flatMap(({ id, polarity, entry, prerequisite }) => {
      const path = `tiers.${id}`;
      return [
        ...(polarity === 'negative' && entry === 'apply'
          ? [problem(`${path}.entry`, 'nobody applies for a sanction')]
          : []),
        ...(find(prerequisite)?.polarity === 'negative'
          ? [problem(`${path}.prerequisite`, 'a sanction is no way to a status')]
          : []),
      ];
    }),
    ...components.flatMap(({ id }) => {
      const usual = tiers.filter((tier) => tier.component === id && tier.polarity === 'default');
      return usual.flatMap((tier, index) => {
        const before = usual.slice(0, index).find((other) => meet(tier, other));
        return before === undefined
          ? []
          : [problem(`tiers.${tier.id}`, `${before.id} is what the same firms have already`)];
      });
    }),
    ...combinations.flatMap(({ id, of }) => {
      const named = of.flatMap((tier) => find(tier)?.component ?? []);
      return new Set(named).size < named.length
        ? [problem(`combinations.${id}.of`, 'two tiers of one component are not held at once')]
        : [];
    }),
  ];
}

/** Whether two tiers are open to the same firms: by their roles and size classes, where they name any. */
function meet(one: Tier, other: Tier): boolean {
  const share = (some: readonly string[] = [], others: readonly string[] = []) =>
    some.length === 0 || others.length === 0 || some.some((each) => others.includes(each));
  return share(one.roles, other.roles) && share(one.sizeClasses, other.sizeClasses);
}

function ofSteps({ steps }: ProgrammeDefinition): Problem[] {
  return steps
    .filter(({ kind, actor }) => kind === 'decide' && actor === 'applicant')
    .map(({ id }) => problem(`steps.${id}.actor`, 'a decision is not the applicant’s'));
}

function ofClocks({ clocks }: ProgrammeDefinition): Problem[] {
  return clocks.flatMap(({ id, startsOn, stopsOn, pauses }) => [
    ...(stopsOn.includes(startsOn) ? [problem(`clocks.${id}.stopsOn`, `${startsOn} starts it`)] : []),
    ...pauses
      .filter(({ from, until }) => from === until)
      .map(({ from }) => problem(`clocks.${id}.pauses`, `${from} begins and ends a pause`)),
  ]);
}

function ofValidity({ validity }: ProgrammeDefinition): Problem[] {
  const seen = new Set<string>();
  return validity.flatMap(({ tiers, mode, term, renewWindow }, index) => {
    const path = `validity.${index}`;
    const twice = tiers.filter((id) => seen.has(id));
    tiers.forEach((id) => seen.add(id));
    const { opensDays, closesDays } = renewWindow ?? {};
    const isShut = typeof opensDays === 'number' && typeof closesDays === 'number' && opensDays <= closesDays;
    return [
      ...twice.map((id) => problem(`${path}.tiers`, `${id} has a validity already`)),
      ...(mode === 'fixedTerm' && term === undefined
        ? [problem(`${path}.term`, 'a fixed term has a length, or it is written unknown')]
        : []),
      ...(isShut
        ? [
            problem(
              `${path}.renewWindow`,
              `opens ${opensDays} days before the end, when it is closed since ${closesDays}`,
            ),
          ]
        : []),
    ];
  });
}

function ofGradings({ gradings, facts }: ProgrammeDefinition): Problem[] {
  return gradings.flatMap(({ tier, method, fact: named, bands }, index) => {
    const path = `gradings.${index}`;
    const fact = facts.find(({ id }) => id === named);
    const isSecond = gradings.findIndex((each) => each.tier === tier) < index;
    return [
      ...(isSecond ? [problem(`${path}.tier`, `${tier} has a grading already`)] : []),
      ...(method === 'officer' && named === undefined
        ? [problem(`${path}.fact`, 'an officer’s grade is a fact: name it')]
        : []),
      ...(method === 'score' && fact !== undefined && fact.type !== 'number'
        ? [problem(`${path}.fact`, `${fact.id} is no number`)]
        : []),
      ...bands
        .filter(({ id }) => method === 'officer' && fact?.choices?.includes(id) === false)
        .map(({ id }) => problem(`${path}.bands.${id}`, `${id} is no choice of ${fact?.id}`)),
    ];
  });
}

function ofOverlays({ overlays, tiers }: ProgrammeDefinition): Problem[] {
  return overlays.flatMap(({ id, tiers: of, patch }) => {
    const criteria = tiers.filter((tier) => of.includes(tier.id)).flatMap((tier) => tier.criteria);
    return patch.flatMap(({ path }, index) => {
      const place = `overlays.${id}.patch.${index}`;
      const [list, name = ''] = path.split('.');
      return [
        ...(list === 'criteria' && !criteria.includes(name)
          ? [problem(place, `none of its tiers has the criterion ${name}`)]
          : []),
        ...(patch.findIndex((each) => each.path === path) < index
          ? [problem(place, `${path} is set before`)]
          : []),
      ];
    });
  });
}

function ofBenefits({ benefits }: ProgrammeDefinition): Problem[] {
  return benefits.flatMap(({ id, metric: { comparator, value, baseline } }) => {
    const path = `benefits.${id}.metric`;
    if (comparator === 'ratioToBaseline' && baseline === undefined)
      return [problem(`${path}.baseline`, 'a ratio is one to something')];
    const isWrong = value !== 'unknown' && (typeof value === 'boolean') !== (comparator === 'boolean');
    return isWrong ? [problem(`${path}.value`, `${String(value)} is no ${comparator}`)] : [];
  });
}

/** For what consents govern what partners are told. */
const abroad = 'mutualRecognition';

/** With a consent under another name for the same, every partner would hear of everybody. */
function ofConsents({ consents }: ProgrammeDefinition): Problem[] {
  return consents
    .filter(({ purpose }) => purpose !== abroad && /^(mutual[-_ ]?recogni\w*|mra)$/i.test(purpose))
    .map(({ id, purpose }) =>
      problem(`consents.${id}.purpose`, `${purpose} governs nothing: it is written ${abroad}`),
    );
}

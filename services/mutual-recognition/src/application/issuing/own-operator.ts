import { registryStatus } from '@aeo/proto';
import type { OwnComponent, OwnIdentifier, OwnOperator } from '../../domain/list/own-operators.ts';
import { purposes, statuses } from '../proto-names.ts';

/** One of our operators as our registry published it; components with a status unknown to this version are left out. */
export function ownOperatorOf(status: registryStatus.OperatorStatus): OwnOperator {
  return {
    operatorId: status.operatorId,
    version: status.version ?? { epoch: 0n, number: 0n },
    identifiers: status.erased ? [] : status.identifiers.flatMap(ownIdentifierOf),
    components: status.erased ? [] : status.components.flatMap(ownComponentOf),
  };
}

function ownIdentifierOf({ identifier, validity }: registryStatus.IdentifierClaim): OwnIdentifier[] {
  if (identifier === undefined) return [];
  const { scheme, country, value } = identifier;
  return [
    {
      scheme,
      country,
      value,
      validFrom: textOf(validity?.validFrom),
      validUntil: textOf(validity?.validUntil),
    },
  ];
}

function ownComponentOf(published: registryStatus.StatusComponent): OwnComponent[] {
  const { component, tier, validity, times } = published;
  const status = namesOf(statuses, [published.status])[0];
  if (status === undefined) return [];
  return [
    {
      component,
      tier,
      status,
      purposes: namesOf(purposes, published.purposes),
      validFrom: textOf(validity?.validFrom),
      validUntil: textOf(validity?.validUntil),
      decidedAt: textOf(times?.decidedAt),
      effectiveFrom: textOf(times?.effectiveFrom),
      sharedWith: sharedWith(published),
    },
  ];
}

/** Without a stated consent nothing is shared. */
function sharedWith({
  sharing,
  sharedWith: named,
}: registryStatus.StatusComponent): OwnComponent['sharedWith'] {
  if (sharing === registryStatus.Sharing.ALL) return 'all';
  return sharing === registryStatus.Sharing.NAMED ? named : [];
}

function namesOf<Name extends string>(list: Record<Name, number>, values: readonly number[]): Name[] {
  const names = Object.keys(list) as Name[];
  return names.filter((name) => values.includes(list[name]));
}

const textOf = (date: Date | undefined) => date?.toISOString() ?? null;

import type { Day, GroupMember } from '@aeo/programmes';

type Address = { street: string; city: string; postcode: string; country: string };

/** A place where the operator works. */
type Site = { name: string; address: Address; uses: string[]; from: Day | null; until: Day | null };

/** A person on whom a condition of competence rests; a person who has left is no proof of it. */
type Person = { name: string; position: string; leftOn: Day | null };

/** A firm the operator is linked with, whose figures count for its size. */
type GroupFirm = GroupMember & { name: string; until: Day | null };

/** Another firm whose status or premises the operator relies on. */
type ReliedUponParty = { name: string; operatorId: string | null; role: string; until: Day | null };

export type Particulars = {
  site: Site;
  person: Person;
  groupFirm: GroupFirm;
  reliedUponParty: ReliedUponParty;
};

export type ParticularKind = keyof Particulars;

export type Particular = Particulars[ParticularKind];

import { expect, test } from 'vitest';
import { contentHash } from './content-hash.ts';
import { AssessRequest } from './gen/aeo/clearance/v1/clearance_service.ts';
import { Stage } from './gen/aeo/common/v1/common.ts';
import { Declaration } from './gen/aeo/declaration/v1/declaration.ts';

const declaration = Declaration.fromPartial({ declarationId: 'D-1', version: 1, office: '20' });

test('the hash depends on the content', () => {
  expect(contentHash(declaration)).toHaveLength(32);
  expect(contentHash({ ...declaration, office: '21' })).not.toEqual(contentHash(declaration));
});

test('the hash does not depend on the stage or the way the declaration came', () => {
  const hashes = [Stage.PRE_ARRIVAL, Stage.PRESENTATION].map((stage) => {
    const wire = AssessRequest.encode(
      AssessRequest.fromPartial({ declaration, stage, probe: true }),
    ).finish();
    return contentHash(AssessRequest.decode(wire).declaration ?? Declaration.fromPartial({}));
  });
  expect(hashes[0]).toEqual(hashes[1]);
});

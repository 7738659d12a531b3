import { grpcClient, grpcService, serveGrpc } from '@aeo/platform/grpc';
import { clearanceService, common, declaration } from '@aeo/proto';
import { expect, test } from 'vitest';
import { createTestCertificates } from '../../../../../tests/setup/http/certificate-authority.ts';
import { assessOne, type AssessPorts } from '../../edge/grpc/assess.ts';

const methods = clearanceService.ClearanceServiceService;
const allow = { certificates: ['there'] };
const unused = { allow, handle: () => Promise.reject(new Error('not called here')) };

test('three thousand bad fields are refused as such, and the connection serves the next call', async () => {
  const service = grpcService(methods, {
    unary: {
      assess: { allow, handle: assessOne({} as AssessPorts) },
      getPriority: unused,
      recordControl: unused,
      explainDecision: unused,
    },
    bidi: { assessStream: unused },
  });
  const { here, there } = await createTestCertificates('here', 'there');
  const server = await serveGrpc({ port: 0, tls: here, services: [service] });
  const client = grpcClient(clearanceService.ClearanceServiceClient, {
    address: `localhost:${server.port}`,
    tls: there,
    defaultDeadlineMs: 5_000,
  });
  const item = declaration.Item.fromPartial({
    number: 0,
    hs6: 'x',
    taxRateBasisPoints: -1,
    countryOfOrigin: '?',
  });
  const bad = (items: number) =>
    clearanceService.AssessRequest.fromPartial({
      declaration: { items: Array.from({ length: items }, () => item) },
      stage: common.Stage.PRESENTATION,
    });
  try {
    const many = client.call(methods.assess, bad(750));
    await expect(many).rejects.toMatchObject({ code: 'invalid', fields: { length: 50 } });
    const next = client.call(methods.assess, bad(1));
    await expect(next).rejects.toMatchObject({ code: 'invalid', reason: 'FIELD_FORMAT' });
  } finally {
    await client.stop();
    await server.stop();
  }
});

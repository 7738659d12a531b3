/** An arrow between files goes one way only, and downward: main → app → edge → application → domain. */
const service = '^services/(?:aeo-registry|clearance-priority|mutual-recognition|risk-scoring)/src/';
const inTests = '[.](?:test|property[.]test|int[.]test)[.]ts$';

/** Files of one layer of a service reach those of the same service in these layers only. */
const layer = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: `${service}${from}`, pathNot: inTests },
  to: { path: service, pathNot: `${service}(?:${allowed})` },
});

export default {
  forbidden: [
    {
      name: 'no-circle',
      comment:
        'Files that need each other cannot be understood, tested or moved one by one; types count too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    layer('domain-knows-the-domain-only', 'domain/', 'domain/'),
    layer('ports-name-the-domain-only', 'ports[.]ts$', 'domain/'),
    layer('application-uses-domain-and-ports', 'application/', 'application/|domain/|ports[.]ts$'),
    layer('edge-uses-application', 'edge/', 'edge/|application/|domain/|ports[.]ts$'),
    layer('adapters-stand-beside-application', 'adapters/', 'adapters/|application/|domain/|ports[.]ts$'),
    layer('app-plugs-in-the-edge', 'app[.]ts$', 'edge/|application/|domain/|ports[.]ts$'),
    layer('config-knows-nobody', 'config[.]ts$', 'config[.]ts$'),
    {
      name: 'a-service-has-these-folders-and-files-only',
      comment:
        'main, config, app, ports and service at the top; domain, application, edge and adapters below.',
      severity: 'error',
      from: {},
      to: {
        path: service,
        pathNot: `${service}(?:(?:domain|application|adapters)/|edge/(?:grpc|rest|kafka|[a-z-]+[.]ts$)|(?:main|config|app|ports|service|index)[.](?:test[.]|int[.]test[.])?ts$)`,
      },
    },
    {
      name: 'services-meet-in-proto',
      severity: 'error',
      from: { path: '^services/([^/]+)/', pathNot: inTests },
      to: { path: '^services/', pathNot: '^services/(?:$1|platform|programmes)/' },
    },
    {
      name: 'a-library-knows-no-service',
      severity: 'error',
      from: { path: '^services/(?:platform|programmes)/src/', pathNot: inTests },
      to: { path: '^services/', pathNot: '^services/(?:platform|programmes)/' },
    },
    {
      name: 'a-door-of-the-platform-is-for-outside',
      severity: 'error',
      from: { path: '^services/platform/src/([^/]+)/', pathNot: inTests },
      to: { path: '^services/platform/src/$1[.]ts$' },
    },
    {
      name: 'nothing-in-service-uses-infra-or-tests',
      severity: 'error',
      from: { path: '^services/|^proto/', pathNot: inTests },
      to: { path: '^(?:infra|tests)/' },
    },
    {
      name: 'nothing-in-infra-uses-tests',
      severity: 'error',
      from: { path: '^infra/', pathNot: inTests },
      to: { path: '^tests/' },
    },
    {
      name: 'the-local-stack-knows-no-job',
      severity: 'error',
      from: { path: '^infra/local/', pathNot: inTests },
      to: { path: '^infra/(?!local/)' },
    },
    {
      name: 'the-auditor-stands-alone',
      severity: 'error',
      from: { path: '^infra/auditor/', pathNot: inTests },
      to: { path: '^infra/(?!auditor/)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'proto/src/gen|[.]local' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
    moduleSystems: ['es6'],
  },
};

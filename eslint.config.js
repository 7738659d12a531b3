import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const mockForbidden = {
  selector: "CallExpression[callee.object.name='vi'][callee.property.name='mock']",
  message: 'Use a fake (*.memory.ts) under the contract test of the real adapter.',
};

/** A property that is packed in a literal of its own escapes the check for unknown properties. */
const packingForbidden = [
  {
    selector: 'SpreadElement > ObjectExpression, SpreadElement > TSAsExpression > ObjectExpression',
    message: 'Write the properties out.',
  },
  {
    selector: 'SpreadElement > ArrayExpression, SpreadElement > TSAsExpression > ArrayExpression',
    message: 'Write the elements out.',
  },
];

/** Libraries with one door each. */
const oneDoor = [
  { name: 'kafkajs', message: 'Only platform/kafka imports kafkajs.' },
  { name: '@grpc/grpc-js', message: 'Only platform/grpc uses the gRPC runtime.' },
  { name: 'ioredis', message: 'Only platform/redis imports ioredis.' },
  { name: 'pg', message: 'Only platform/postgres imports pg.' },
];

const betweenServices = [
  {
    group: [
      '@aeo/*',
      '!@aeo/platform',
      '!@aeo/platform/*',
      '!@aeo/proto',
      '!@aeo/programmes',
      '!@aeo/programmes/*',
    ],
    message: 'Services meet only in proto.',
  },
  { regex: '^\\.\\.?/(.*/)?src/', message: 'What lies in another package is reached by its name.' },
];

const inward = {
  group: ['**/adapters/*', '**/main.ts', '**/service.ts'],
  message: 'The edge and the use cases know ports only.',
};

/** Each library's own folder or file in the platform may import it, and none of the others. */
const doors = oneDoor.map(({ name }) => {
  const folder = { kafkajs: 'kafka', '@grpc/grpc-js': 'grpc', ioredis: 'redis', pg: 'postgres' }[name];
  const paths = oneDoor.filter((other) => other.name !== name);
  return {
    files: [`services/platform/src/${folder}.ts`, `services/platform/src/${folder}/**`],
    rules: { 'no-restricted-imports': ['error', { paths, patterns: betweenServices }] },
  };
});

/** Domain code imports domain code: from the folder itself nothing above it, from a folder within only that. */
const domainImports = (outside) => [
  'error',
  {
    patterns: [
      {
        regex: `^(?!\\./|node:crypto$|@aeo/programmes$${outside})`,
        message: 'Domain code imports only domain code.',
      },
    ],
  },
];

export default tseslint.config(
  { ignores: ['**/node_modules/**', '.local/**', 'proto/src/gen/**'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/dot-notation': 'off',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', mockForbidden, ...packingForbidden],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read settings in config.ts.' },
      ],
    },
  },
  {
    files: ['services/*/src/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: oneDoor, patterns: betweenServices }] },
  },
  {
    files: ['services/*/src/{edge,application}/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: oneDoor, patterns: [...betweenServices, inward] }] },
  },
  ...doors,
  {
    // A domain whose record is a contract reaches it through its vocabulary.ts and nowhere else.
    files: ['services/*/src/domain/**/*.ts'],
    ignores: ['**/*.test.ts', '**/domain/vocabulary.ts'],
    rules: {
      'no-restricted-imports': domainImports(''),
      'no-restricted-syntax': [
        'error',
        ...packingForbidden,
        { selector: ':function[async=true]', message: 'Domain code is pure.' },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Time comes in as an argument.',
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time comes in as an argument.' },
        { object: 'Math', property: 'random', message: 'Randomness comes in as an argument.' },
        { object: 'process', property: 'env', message: 'Read settings in config.ts.' },
      ],
    },
  },
  {
    files: ['services/*/src/domain/*/**/*.ts'],
    ignores: ['**/*.test.ts', '**/domain/vocabulary.ts'],
    rules: { 'no-restricted-imports': domainImports('|\\.\\./(?!\\.\\./)') },
  },
  {
    files: [
      '**/config.ts',
      'infra/**/*.ts',
      'tests/**/*.ts',
      '**/*.test.ts',
      'services/platform/src/telemetry.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/*.test.ts'],
    rules: {
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
    },
  },
  {
    files: ['tests/setup/stack/stack.ts'],
    // Vitest's context is extended by declaration merging, which types cannot do.
    rules: { '@typescript-eslint/consistent-type-definitions': 'off' },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { process: 'readonly' } },
  },
  prettier,
);

const project = {
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/demo', '<rootDir>/fakes'],
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }] },
};
const UNIT = 'archive|cli|handlers|journal|messages|process|slack|toloka';
const POSTGRES = '<rootDir>/test/journal/postgres';

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    {
      ...project,
      // The product by itself, without PostgreSQL, a browser or the built app: fast enough for each save.
      displayName: 'unit',
      testMatch: ['<rootDir>/test/*.test.ts', `<rootDir>/test/(${UNIT})/**/*.test.ts`],
      testPathIgnorePatterns: [POSTGRES],
    },
    {
      ...project,
      displayName: 'rest',
      testMatch: [
        `<rootDir>/test/!(${UNIT})/**/*.test.ts`,
        `${POSTGRES}*.test.ts`,
        '<rootDir>/fakes/**/*.test.ts',
      ],
    },
  ],
  // One worker a core leaves none for the processes that the end-to-end tests start.
  maxWorkers: 2,
  testTimeout: 20_000,
  coverageDirectory: 'coverage',
  collectCoverageFrom: ['src/**/*.ts'],
};

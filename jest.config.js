/** @type {import('jest').Config} */
module.exports = {
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/demo'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testEnvironment: 'node',
  setupFilesAfterEnv: ['<rootDir>/test/support/retry.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }] },
  // One worker a core leaves none for the processes that the end-to-end tests start.
  maxWorkers: 2,
  testTimeout: 20_000,
  coverageDirectory: 'coverage',
  collectCoverageFrom: ['src/**/*.ts'],
};

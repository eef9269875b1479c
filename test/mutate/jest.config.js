const [unit] = require('../../jest.config').projects;
// Tests of the sources' text would see the mutations, and take them for mistakes.
const [, tests] = unit.testMatch;

/**
 * The unit tests, for Stryker. TESTS: only those in these files or directories, separated by commas. Those with
 * PostgreSQL, which are slow, only when it names one.
 * @type {import('jest').Config}
 */
module.exports = {
  ...unit,
  rootDir: '../..',
  testMatch: process.env.TESTS
    ? process.env.TESTS.split(',').map(
        (path) => `<rootDir>/${path.replace(/\.test\.ts$/, '')}{,/**/*}.test.ts`,
      )
    : [tests],
  testPathIgnorePatterns: process.env.TESTS?.includes('postgres') ? [] : unit.testPathIgnorePatterns,
  testTimeout: 20_000,
};

// Mutation tests: `npm run mutate`. See CONTRIBUTING.md.
export default {
  mutate: ['src/archive/**/*.ts', 'src/toloka/**/*.ts', 'src/journal/**/*.ts'],
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  jest: { projectType: 'custom', configFile: 'test/mutate/jest.config.js' },
  coverageAnalysis: 'perTest',
  // Stryker would read it with an API that TypeScript 7 does not have.
  tsconfigFile: 'no-such-tsconfig.json',
  ignorePatterns: ['dist', 'coverage', 'data', 'reports', 'docs/images'],
  concurrency: 1,
  timeoutMS: 20_000,
  reporters: ['clear-text', 'progress'],
  allowConsoleColors: false,
  tempDirName: 'reports/.stryker',
};

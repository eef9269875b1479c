// A browser beside five other processes on two cores is sometimes late; what fails twice more is broken. The first
// failure is printed all the same.
if (process.env['CI'] === 'true' && /\/test\/(page|e2e)\//.test(expect.getState().testPath ?? ''))
  jest.retryTimes(2, { logErrorsBeforeRetry: true });

// Loaded before a built program, in the same process. Says in one line what has to be done first.
const { existsSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');

const root = join(__dirname, '..');

function missing() {
  try {
    createRequire(join(root, 'package.json')).resolve('libsql');
  } catch {
    return 'The dependencies are not installed. Run: npm ci && npm run build';
  }
  return existsSync(process.argv[1]) ? undefined : 'The app is not built. Run: npm run build';
}

const line = missing();
if (line !== undefined) {
  process.stderr.write(`${line}\n`);
  // 1 would mean to the audit that something is broken.
  process.exit(2);
}

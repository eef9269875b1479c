import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformFileSync } from '@swc/core';

/** The built app, or another build of it that `BENCH_APP` names. */
export const APP = process.env['BENCH_APP'] ?? join(__dirname, '..', 'dist', 'app.js');

/** Compiles bare Bolt to JavaScript, so that its start includes no compiler either. Returns the file. */
export function bareBolt(): string {
  if (!existsSync(APP)) throw new Error('The app is not built: run "npm run build" first.');
  const directory = join(__dirname, '.build');
  const file = join(directory, 'bare-bolt.js');
  const { code } = transformFileSync(join(__dirname, 'bare-bolt.ts'), {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, code);
  return file;
}

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformFileSync } from '@swc/core';

/** The built app, or another build of it that `BENCH_APP` names. */
export const APP = process.env['BENCH_APP'] ?? join(__dirname, '..', 'dist', 'app.js');

/** Compiles a file of this directory to JavaScript, so that its process needs no compiler. Returns the new file. */
function compiled(name: string): string {
  if (!existsSync(APP)) throw new Error('The app is not built: run "npm run build" first.');
  const directory = join(__dirname, '.build');
  const file = join(directory, `${name}.js`);
  const { code } = transformFileSync(join(__dirname, `${name}.ts`), {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, code);
  return file;
}

export const bareBolt = (): string => compiled('bare-bolt');
export const soakSampler = (): string => compiled('soak-sampler');

/** The page's own files. The client is TypeScript, which is compiled once at the start. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';

export interface Asset {
  type: string;
  body: string;
}

const read = (...path: string[]): string => readFileSync(join(__dirname, ...path), 'utf8');

function script(name: string): Asset {
  const { code } = transformSync(read('client', name), {
    filename: name,
    sourceMaps: false,
    module: { type: 'es6' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });
  return { type: 'text/javascript; charset=utf-8', body: code };
}

const SHEETS = ['base', 'frame', 'talk', 'blocks', 'modal', 'menus', 'toloka', 'narrow'];

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#22313f"/><path d="M7 11h18v4H7zm2 5h14v9H9zm4 2v2h6v-2z" fill="#fff"/></svg>';

/** By path. Modules are served without a file extension, as they are imported. */
export function loadAssets(): ReadonlyMap<string, Asset> {
  const scripts = readdirSync(join(__dirname, 'client')).filter((name) => name.endsWith('.ts'));
  return new Map<string, Asset>([
    ...scripts.map((name): [string, Asset] => [`/client/${name.replace(/\.ts$/, '')}`, script(name)]),
    [
      '/style.css',
      {
        type: 'text/css; charset=utf-8',
        body: SHEETS.map((name) => read('style', `${name}.css`)).join('\n'),
      },
    ],
    ['/icon.svg', { type: 'image/svg+xml', body: ICON }],
  ]);
}

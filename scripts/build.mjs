// Bundles each program into dist/bundle/ and writes a launcher for it, because Node reads a source map only for files
// that are loaded after source maps were switched on.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// Maps each file of a package to its own first line. With all their lines, the map of the app took 80 MB of memory and a
// quarter of a second of each start, in which Node itself reads a stack trace.
const coarsePackages = {
  name: 'coarse-packages',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.([cm]?js|json)$/ }, ({ path }) => {
      const map = JSON.stringify({ version: 3, sources: [basename(path)], mappings: 'AAAA' });
      const comment = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`;
      const code = `${path.endsWith('.json') ? 'module.exports = ' : ''}${readFileSync(path, 'utf8')}`;
      return { contents: `${code}\n${comment}`, loader: 'js' };
    });
  },
};
const programs = ['app', 'cli/audit', 'cli/doctor', 'cli/journal'];

rmSync(join(root, 'dist'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: programs.map((program) => `src/${program}.ts`),
  outbase: 'src',
  outdir: 'dist/bundle',
  bundle: true,
  platform: 'node',
  target: 'node20',
  // These load native code or are optional, so they stay in node_modules.
  external: ['libsql', 'pg', 'pg-native'],
  sourcemap: true,
  sourcesContent: false,
  // Node reads all of it at each start, also for the source map: without its spaces, a start is an eighth faster.
  minifyWhitespace: true,
  plugins: [coarsePackages],
  logLevel: 'warning',
});
for (const program of programs) {
  const launcher = join(root, 'dist', `${program}.js`);
  const bundle = relative(dirname(launcher), join(root, 'dist/bundle', program)).replaceAll('\\', '/');
  mkdirSync(dirname(launcher), { recursive: true });
  writeFileSync(launcher, `process.setSourceMapsEnabled(true);\nvoid require('./${bundle}.js').main();\n`);
}

// Bundles the extension into one file; with --test the unit tests.
import { build } from 'esbuild';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';

const testing = process.argv.includes('--test');
const production = process.argv.includes('--production');
const out = testing ? 'dist/test' : 'dist';

rmSync(out, { recursive: true, force: true });
await build({
  entryPoints: testing ? readdirSync('test').map((file) => `test/${file}`) : ['src/extension.ts'],
  outdir: out,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'warning',
});
if (production) copyFileSync('../../LICENSE', 'LICENSE'); // what is packaged carries it

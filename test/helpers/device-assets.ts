import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

export interface DeviceAssets {
  readonly worker: URL
  readonly guest: URL
  dispose(): void
}

const root = new URL('../..', import.meta.url)

/** As in `main/hosts/cli/build.mjs`. */
const forSandbox = {
  bundle: true,
  platform: 'neutral',
  target: 'es2022',
  minify: true,
} as const

/**
 * Builds the devices' bundles from the sources as they are now. They lie inside of the repository, because the worker
 * takes its packages from there.
 */
export async function buildDeviceAssets(): Promise<DeviceAssets> {
  const cache = fileURLToPath(new URL('node_modules/.cache/faultline/', root))
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(`${cache}device-assets-`)
  const path = (file: string) => fileURLToPath(new URL(file, root))
  await Promise.all([
    build({
      entryPoints: {
        'device-worker': path('main/devices/guest/worker.ts'),
        'load-worker': path('main/devices/load/worker.ts'),
        'scenario-worker': path('main/devices/guest/scenario-worker.ts'),
        fabricator: path('main/devices/guest/fabricator.ts'),
      },
      outdir: folder,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      target: 'node20',
      sourcemap: 'inline',
    }),
    build({
      ...forSandbox,
      entryPoints: {
        guest: path('app/script-api/guest.ts'),
        'guest-scenario': path('app/script-api/scenario-guest.ts'),
      },
      outdir: folder,
      format: 'esm',
    }),
    ...['cbor', 'data', 'protobuf'].map((name) =>
      build({
        ...forSandbox,
        entryPoints: [path(`app/script-api/guest/library-${name}.ts`)],
        outfile: `${folder}/guest-${name}.js`,
        format: 'iife',
        globalName: 'library',
        banner: { js: '(() => {' },
        footer: { js: 'return library })()' },
        mainFields: ['module', 'main'],
        inject: [path('app/script-api/guest/library-text.ts')],
      }),
    ),
  ])
  return {
    worker: pathToFileURL(`${folder}/device-worker.js`),
    guest: pathToFileURL(`${folder}/guest.js`),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

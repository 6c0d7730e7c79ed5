import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

export interface DeviceAssets {
  readonly worker: URL
  readonly guest: URL
  dispose(): void
}

const root = new URL('../..', import.meta.url)

/**
 * Builds the devices' two bundles from the sources as they are now. They lie inside of the repository, because the worker
 * takes its packages from there.
 */
export async function buildDeviceAssets(): Promise<DeviceAssets> {
  const cache = fileURLToPath(new URL('node_modules/.cache/faultline/', root))
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(`${cache}device-assets-`)
  const path = (file: string) => fileURLToPath(new URL(file, root))
  await Promise.all([
    build({
      entryPoints: [path('main/devices/guest/worker.ts')],
      outfile: `${folder}/device-worker.js`,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      target: 'node20',
      sourcemap: 'inline',
    }),
    build({
      entryPoints: [path('app/script-api/guest.ts')],
      outfile: `${folder}/guest.js`,
      bundle: true,
      minifyWhitespace: true,
      minifySyntax: true,
      platform: 'neutral',
      format: 'esm',
      target: 'es2022',
    }),
  ])
  return {
    worker: pathToFileURL(`${folder}/device-worker.js`),
    guest: pathToFileURL(`${folder}/guest.js`),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

import { readFile } from 'node:fs/promises'

/** Where the parts of Faultline lie that a host hands on. Only the entries know; everything else is told. */
export interface Installation {
  readonly version: string
  /** The program that each worker thread of devices runs. */
  readonly worker: URL
  /** The part of the script API that runs inside the sandbox. */
  readonly guest: URL
  /** The folder of the built screen. */
  readonly webRoot: URL
  /** The entry of the desktop window. */
  readonly desktop: URL
  readonly preload: URL
  /** The workspace that opens when none is named. */
  readonly simulations: URL
  /** The folder of what a new script can begin with. */
  readonly templates: URL
  /** The folder of the script API's types, `.d.ts` files. */
  readonly scriptTypes: URL
}

/** @param root the folder that holds `dist/`, `simulations/` and `package.json`; ends in `/`. */
export async function readInstallation(root: URL): Promise<Installation> {
  const about = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as { version: string }
  return {
    version: about.version,
    worker: new URL('dist/device-worker.js', root),
    guest: new URL('dist/guest.js', root),
    webRoot: new URL('dist/web/', root),
    desktop: new URL('dist/electron.js', root),
    preload: new URL('dist/preload.cjs', root),
    simulations: new URL('simulations/', root),
    templates: new URL('simulations/templates/', root),
    scriptTypes: new URL('app/script-api/', root),
  }
}

import { readdir, readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}

export interface Asset {
  readonly type: string
  readonly cacheControl: string
  readonly octets: Uint8Array<ArrayBuffer>
}

/**
 * The built screen, read once, at the start. A request can name one of its files or nothing, so no path that a request
 * holds ever reaches the file system; and the page stays one that fits this workbench when a later start builds anew.
 */
export class Site {
  readonly #assets: ReadonlyMap<string, Asset>
  /** The page itself; whether a request may have it is the host's to decide. */
  readonly page: Asset

  /** @throws FaultlineError `file-unreadable` when there is no built screen. */
  static async open(root: URL): Promise<Site> {
    const folder = fileURLToPath(root)
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
      throw notBuilt(error)
    })
    const assets = new Map<string, Asset>()
    for (const entry of entries) {
      if (!entry.isFile()) continue
      const file = join(entry.parentPath, entry.name)
      assets.set(`/${file.slice(folder.length).split(sep).filter(Boolean).join('/')}`, await readAsset(file))
    }
    const page = assets.get('/index.html')
    if (page === undefined) throw notBuilt('it has no index.html')
    assets.delete('/index.html')
    return new Site(assets, page)
  }

  private constructor(assets: ReadonlyMap<string, Asset>, page: Asset) {
    this.#assets = assets
    this.page = page
  }

  /** The file at a URL's path; undefined for the page itself and for what is not there. */
  asset(pathname: string): Asset | undefined {
    return this.#assets.get(pathname)
  }
}

async function readAsset(file: string): Promise<Asset> {
  return {
    type: types[extname(file)] ?? 'application/octet-stream',
    cacheControl: cacheControl(file),
    octets: new Uint8Array(await readFile(file)),
  }
}

/** The bundler puts a hash of the content into the names of all that it puts in `assets`. */
function cacheControl(file: string): string {
  if (file.endsWith('index.html')) return 'no-store'
  return file.split(sep).includes('assets') ? 'public, max-age=31536000, immutable' : 'no-cache'
}

function notBuilt(why: unknown): FaultlineError {
  return new FaultlineError({
    code: 'file-unreadable',
    message: `the built screen cannot be read: ${messageOf(why)}`,
    hint: 'run npm run build',
  })
}

import { protocol } from 'electron'
import { securityHeaders } from '../web/page-headers.ts'
import { type Asset, Site } from '../web/site.ts'

const scheme = 'faultline'

/** Where the window's page is. */
export const pageUrl = `${scheme}://app/`

/**
 * Declares the scheme that the page is loaded with. Unlike `file:` it has an origin, so that the
 * Content-Security-Policy's 'self' means something and Monaco's workers may be started. Call it before `ready`.
 */
export function declarePageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** Serves the built screen, and nothing else, under the scheme. Call it after `ready`. */
export async function servePageScheme(webRoot: URL): Promise<void> {
  const site = await Site.open(webRoot)
  protocol.handle(scheme, (request) => {
    const { host, pathname } = new URL(request.url)
    if (host !== 'app' || (request.method !== 'GET' && request.method !== 'HEAD')) return refused(405)
    const asset = pathname === '/' ? site.page : site.asset(pathname)
    return asset === undefined ? refused(404) : answer(asset)
  })
}

function answer({ octets, type, cacheControl }: Asset): Response {
  return new Response(octets, {
    headers: { ...securityHeaders, 'Content-Type': type, 'Cache-Control': cacheControl },
  })
}

function refused(status: number): Response {
  return new Response(null, { status, headers: { ...securityHeaders } })
}

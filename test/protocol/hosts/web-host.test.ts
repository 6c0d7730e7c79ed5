import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Transport } from '../../../app/contract/transport.ts'
import { startWebHost, type WebHost } from '../../../main/hosts/web/web-host.ts'
import { patience } from '../../helpers/until.ts'
import { createWebRoot } from '../../helpers/web-root.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

describe('the web host', () => {
  let webRoot: Awaited<ReturnType<typeof createWebRoot>>
  let host: WebHost
  let token: string
  const attached: Transport[] = []
  const detached = vi.fn()
  const problems: unknown[] = []

  beforeAll(async () => {
    webRoot = await createWebRoot()
    host = await start()
    token = new URL(host.url).searchParams.get('token') ?? ''
  })
  afterAll(async () => {
    await host.close()
    await webRoot.remove()
  })

  function start(port = 0): Promise<WebHost> {
    return startWebHost({
      port,
      webRoot: webRoot.url,
      onProblem: (error) => problems.push(error),
      workbench: {
        attach(transport) {
          attached.push(transport)
          return { dispose: detached }
        },
      },
    })
  }

  function ask(path: string, options: { method?: string; host?: string } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { host: options.host ?? `127.0.0.1:${host.port}` }
      const request = httpRequest(
        { host: '127.0.0.1', port: host.port, path, method: options.method ?? 'GET', headers, agent: false },
        (response) => {
          let body = ''
          response.setEncoding('utf8').on('data', (text: string) => {
            body += text
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
        },
      )
      request.on('error', reject)
      request.end()
    })
  }

  describe('page', () => {
    it('opens with its token', async () => {
      const { status, headers, body } = await ask(`/?token=${token}`)
      expect(status).toBe(200)
      expect(body).toContain('the page')
      expect(headers['content-type']).toBe('text/html; charset=utf-8')
      expect(headers['cache-control']).toBe('no-store')
    })

    it.each(['/', '/?token=', '/?token=wrong', '/?Token=x', '/index.html'])('stays shut at %s', async (path) => {
      const { status, body } = await ask(path)
      expect(status).toBe(path === '/index.html' ? 404 : 403)
      expect(body).not.toContain('the page')
    })

    it('says where the right address is to be found', async () => {
      const { body } = await ask('/')
      expect(body).toContain('begins with "ready"')
    })

    it('has a token of at least 128 bits, another one each time', async () => {
      expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(16)
      const other = await start()
      expect(new URL(other.url).searchParams.get('token')).not.toBe(token)
      await other.close()
    })

    it('forbids itself everything but its own files', async () => {
      const { headers } = await ask(`/?token=${token}`)
      const policy = headers['content-security-policy']
      for (const directive of [
        "default-src 'self'",
        "script-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
      ]) {
        expect(String(policy).split('; ')).toContain(directive)
      }
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      })
    })
  })

  describe('files', () => {
    it('have their types, and those with a hash in their name are kept for ever', async () => {
      const script = await ask('/assets/index-3f2a.js')
      expect(script).toMatchObject({ status: 200, body: 'export {}' })
      expect(script.headers).toMatchObject({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': expect.stringContaining('immutable'),
        'x-content-type-options': 'nosniff',
      })
      const icon = await ask('/favicon.svg')
      expect(icon.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' })
    })

    it.each([
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/..%5c..%5csecret.txt',
      '//secret.txt',
      '/assets',
      '/nothing.js',
      'http://127.0.0.1/secret.txt',
      '*',
    ])('outside of the page are not to be had: %s', async (path) => {
      const { status, body } = await ask(path)
      expect(status).toBe(404)
      expect(body).not.toContain('not for the page')
    })

    it('are only read', async () => {
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
        const answer = await ask(`/?token=${token}`, { method })
        expect(answer.status).toBe(405)
        expect(answer.headers.allow).toBe('GET, HEAD')
      }
      const head = await ask(`/?token=${token}`, { method: 'HEAD' })
      expect(head).toMatchObject({ status: 200, body: '' })
      expect(Number(head.headers['content-length'])).toBeGreaterThan(0)
    })
  })

  describe('address', () => {
    it.each(['localhost', '[::1]', 'LocalHost'])('may be written as %s', async (name) => {
      expect((await ask(`/?token=${token}`, { host: `${name}:${host.port}` })).status).toBe(200)
    })

    it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', '127.0.0.1.evil.example'])(
      'may not be written as %s, also with the token',
      async (name) => {
        for (const path of [`/?token=${token}`, '/favicon.svg']) {
          const { status, body } = await ask(path, { host: name })
          expect(status).toBe(421)
          expect(body).not.toContain('the page')
        }
      },
    )

    it('is refused with its reason when the port is taken', async () => {
      await expect(start(host.port)).rejects.toMatchObject({
        code: 'port-in-use',
        message: `port ${host.port} is in use by another program`,
        hint: 'choose another with --http, or 0 for any',
      })
    })

    it('is not open to other machines', async () => {
      const outside = connect({ host: '127.0.0.2', port: host.port })
      const outcome = await new Promise((resolve) => {
        outside.on('connect', () => resolve('connected'))
        outside.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      })
      outside.destroy()
      expect(outcome).not.toBe('connected')
    })
  })

  describe('contract', () => {
    function knock(options: { path?: string; origin?: string | undefined; host?: string } = {}): Promise<string> {
      const origin = 'origin' in options ? options.origin : `http://127.0.0.1:${host.port}`
      const socket = new WebSocket(`ws://127.0.0.1:${host.port}${options.path ?? `/contract?token=${token}`}`, {
        ...(origin === undefined ? {} : { origin }),
        ...(options.host === undefined ? {} : { headers: { host: options.host } }),
      })
      return new Promise((resolve) => {
        socket.on('open', () => {
          socket.close()
          resolve('open')
        })
        socket.on('error', (error) => resolve(error.message))
      })
    }

    it('opens to the page', async () => {
      const before = attached.length
      expect(await knock()).toBe('open')
      expect(attached).toHaveLength(before + 1)
      await vi.waitFor(() => expect(detached).toHaveBeenCalled(), patience)
    })

    it('opens to the page under its other names', async () => {
      const name = `localhost:${host.port}`
      expect(await knock({ host: name, origin: `http://${name}` })).toBe('open')
    })

    it.each([
      ['without a token', { path: '/contract' }, 403],
      ['with a wrong token', { path: '/contract?token=wrong' }, 403],
      ['from a foreign page', { origin: 'http://evil.example' }, 403],
      ['from a page on another port', { origin: 'http://127.0.0.1:1' }, 403],
      ['from a page without an origin', { origin: 'null' }, 403],
      ['from no page', { origin: undefined }, 403],
      ['under a foreign name', { host: 'evil.example', origin: 'http://evil.example' }, 421],
    ])('stays shut %s', async (_, options, status) => {
      const before = attached.length
      expect(await knock(options)).toContain(String(status))
      expect(attached).toHaveLength(before)
    })

    it('is at its own path only', async () => {
      expect(await knock({ path: `/?token=${token}` })).toContain('404')
    })
  })

  it('ends although a page does not answer, and tells those that do', async () => {
    const other = await start()
    const url = new URL(other.url)
    const open = () => new WebSocket(`ws://${url.host}/contract${url.search}`, { origin: url.origin })
    const polite = open()
    const deaf = open()
    const ended = vi.fn()
    polite.on('close', ended)
    await vi.waitFor(
      () => expect([polite.readyState, deaf.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]),
      patience,
    )
    deaf.pause()
    // Half a request that never becomes a whole one.
    const half = connect({ host: '127.0.0.1', port: other.port })
    half.on('error', () => {})
    await new Promise((resolve) => half.write('GET / HTTP/1.1\r\n', resolve))
    const begun = performance.now()
    await other.close()
    // The library alone would wait for half a minute.
    expect(performance.now() - begun).toBeLessThan(25_000)
    await vi.waitFor(() => expect(ended).toHaveBeenCalledWith(1001, expect.anything()), patience)
    deaf.terminate()
    await expect(startedAgain(other.port)).resolves.toBe(other.port)
  })

  /** The port is free again. */
  async function startedAgain(port: number): Promise<number> {
    const again = await start(port)
    await again.close()
    return again.port
  }

  it('does not start without a built screen', async () => {
    const nowhere = new URL('nowhere/', webRoot.url)
    await expect(
      startWebHost({ port: 0, webRoot: nowhere, onProblem() {}, workbench: { attach: () => ({ dispose() {} }) } }),
    ).rejects.toMatchObject({ code: 'file-unreadable', hint: 'run npm run build' })
  })

  it('had nothing to complain of', () => {
    expect(problems).toEqual([])
  })
})

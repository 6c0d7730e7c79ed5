import net, { isIP } from 'node:net'
import tls from 'node:tls'
import { WebSocket } from 'ws'
import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { messageOf } from '../../app/base/errors.ts'
import type { TargetAddress } from '../../app/device/target-address.ts'
import type { NetworkConnection } from '../../app/mqtt/network-connection.ts'
import { socketConnection } from './socket-connection.ts'
import { describeDistrust, describeFailure, isReset, readCertificate, unaccepted } from './target-words.ts'
import { mostWebSocketOctets, webSocketConnection } from './web-socket-connection.ts'

/** How long TCP, TLS and WebSocket together may take, in milliseconds. */
const patienceMs = 10_000

/**
 * With TLS 1.3 the handshake is over for us before the target has judged the client certificate [RFC 8446 §4.4.2.4]. Most
 * send a session ticket when they have; for one that does not, this is how long its judgement is waited for, in
 * milliseconds. What is written before may come back as a reset that destroys the alert.
 */
const judgementMs = 250

/** What a TLS client needs. */
export interface TlsSettings {
  /** Authorities and client certificate; asked for at each connection. @throws with a message for users. */
  context(): Promise<tls.SecureContext>
  /** Takes any certificate. */
  readonly insecure: boolean
}

/** A connection that the target has taken. */
export interface Dialed {
  readonly connection: NetworkConnection
  /** Such as `TLSv1.3, certificate of broker.example until 2027-01-31`; undefined without TLS. */
  readonly security: string | undefined
  /** An answer of the target was seen. With TLS 1.3 it may still refuse the client certificate [RFC 8446 §4.4.2.4]. */
  readonly answered: boolean
  /** What the socket has failed with, once it has. */
  failure(): NodeJS.ErrnoException | undefined
}

/** Its message is what is to be said. */
class Refused extends Error {}

/** Opens one connection to a target. Tells how it went by one of its callbacks, once, and by none after `abort`. */
export class Dial {
  readonly #target: TargetAddress
  readonly #tls: TlsSettings
  readonly #clock: Clock
  readonly #where: string
  #socket: net.Socket | undefined
  #failure: NodeJS.ErrnoException | undefined
  /** The socket has closed, or TLS has come to its end. */
  #gone = false
  #aborted = false
  #timer: Disposable | undefined

  constructor(options: {
    readonly target: TargetAddress
    readonly tls: TlsSettings
    readonly clock: Clock
    readonly done: (dialed: Dialed) => void
    readonly failed: (reason: string) => void
  }) {
    const { target, tls, clock, done, failed } = options
    this.#target = target
    this.#tls = tls
    this.#clock = clock
    this.#where = target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`
    const late = new Promise<never>((_resolve, reject) => {
      const reason = `${this.#where} did not answer within ${patienceMs / 1000} s`
      this.#timer = clock.after(patienceMs, () => reject(new Refused(reason)))
    })
    Promise.race([this.#open(), late])
      .finally(() => this.#timer?.dispose())
      .then(
        (dialed) => {
          if (this.#aborted) return
          // It may have ended since: who listens now would never hear of it.
          if (this.#gone || this.#failure) this.#giveUp(failed, this.#failure ?? this.#leftAlone(dialed))
          else done(dialed)
        },
        (error: Error) => this.#giveUp(failed, error),
      )
  }

  #giveUp(failed: (reason: string) => void, error: Error): void {
    if (this.#aborted) return
    this.abort()
    failed(error instanceof Refused ? error.message : describeFailure(this.#failure ?? error, this.#where))
  }

  /** Gives up; the target sees a reset. */
  abort(): void {
    this.#aborted = true
    this.#timer?.dispose()
    const socket = this.#socket
    if (socket === undefined || socket.destroyed) return
    if (socket.connecting) socket.destroy()
    else socket.resetAndDestroy()
  }

  async #open(): Promise<Dialed> {
    const { host, port, webSocketPath, ...target } = this.#target
    // Before the target is bothered: what is wrong with it is wrong in this workspace.
    const context = target.tls ? await this.#context() : undefined
    this.#giveUpIfAborted()
    const raw = net.connect({ host, port, noDelay: true, allowHalfOpen: true })
    this.#socket = raw
    await this.#happens(raw, 'connect')
    if (context === undefined && webSocketPath === undefined) {
      return this.#dialed(socketConnection(raw), undefined, true)
    }
    const secure = context && (await this.#handshake(raw, context))
    const security = secure && describeSecurity(secure)
    if (webSocketPath === undefined) return this.#dialed(socketConnection(secure ?? raw, raw), security, false)
    const webSocket = await this.#upgrade(secure ?? raw, webSocketPath)
    return this.#dialed(webSocketConnection(webSocket, raw), security, true)
  }

  #dialed(connection: NetworkConnection, security: string | undefined, answered: boolean): Dialed {
    return { connection, security, answered, failure: () => this.#failure }
  }

  async #context(): Promise<tls.SecureContext> {
    try {
      return await this.#tls.context()
    } catch (error) {
      throw new Refused(messageOf(error))
    }
  }

  async #handshake(raw: net.Socket, secureContext: tls.SecureContext): Promise<tls.TLSSocket> {
    const { host, webSocketPath } = this.#target
    const socket = tls.connect({
      socket: raw,
      secureContext,
      // An address is not a name [RFC 6066 §3]; Node checks the certificate against what is named here all the same.
      ...(isIP(host) ? { host } : { host, servername: host }),
      ...(webSocketPath === undefined ? {} : { ALPNProtocols: ['http/1.1'] }),
      // It is enforced below, where the certificate can still be read to say what is wrong with it.
      rejectUnauthorized: false,
    })
    await this.#happens(socket, 'secureConnect')
    if (socket.authorized || this.#tls.insecure) return this.#judged(socket)
    const { raw: der } = socket.getPeerCertificate()
    // Node calls it an Error and fills it with a code.
    const code = String(socket.authorizationError)
    const seen = readCertificate(der)
    throw new Refused(describeDistrust(code, host, seen, this.#clock.now()))
  }

  /** Waits until the target has judged the client certificate. */
  async #judged(socket: tls.TLSSocket): Promise<tls.TLSSocket> {
    if (socket.getProtocol() !== 'TLSv1.3') return socket
    let timer: Disposable | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        // It comes out of the midst of OpenSSL's reading: what is written there is never sent.
        socket.once('session', () => setImmediate(resolve))
        socket.once('error', reject)
        socket.once('close', () => reject(this.#failure ?? this.#brokenOff()))
        timer = this.#clock.after(judgementMs, resolve)
      })
    } finally {
      timer?.dispose()
    }
    return socket
  }

  #leftAlone({ security }: Dialed): Refused {
    return security === undefined ? this.#brokenOff() : new Refused(unaccepted)
  }

  #brokenOff(): Refused {
    const reason = `${this.#where} broke off the TLS handshake without a word: it may not speak TLS, or want a client certificate`
    return new Refused(reason)
  }

  /** Opening handshake with the subprotocol `mqtt` [MQTT-6.0.0-3]. */
  #upgrade(socket: net.Socket, path: string): Promise<WebSocket> {
    const { host, port, tls } = this.#target
    const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    const webSocket = new WebSocket(`${tls ? 'wss' : 'ws'}://${authority}${path}`, ['mqtt'], {
      createConnection: () => socket,
      perMessageDeflate: false,
      maxPayload: mostWebSocketOctets,
    })
    return new Promise((resolve, reject) => {
      webSocket.once('open', () => resolve(webSocket))
      webSocket.once('unexpected-response', (_request, { statusCode, statusMessage }) => {
        const reason = `${this.#where} answered the WebSocket request for ${path} with ${statusCode} ${statusMessage}`
        reject(new Refused(reason))
      })
      webSocket.on('error', (error: NodeJS.ErrnoException) => {
        const failure = this.#failure ?? error
        if (failure.code !== undefined && !failure.code.startsWith('WS_')) reject(failure)
        else reject(new Refused(`no WebSocket with ${this.#where}: ${failure.message}`))
      })
    })
  }

  #happens(socket: net.Socket, event: 'connect' | 'secureConnect'): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.once(event, () => {
        if (this.#aborted) reject(new Error('given up'))
        else resolve()
      })
      // It stays: an error that nobody hears ends the process, and this one says why a connection ended.
      socket.on('error', (error: NodeJS.ErrnoException) => {
        this.#failure ??= error
        // An alert after the handshake does not always end a TLS socket.
        socket.destroy()
        reject(event === 'secureConnect' && isReset(error) ? this.#brokenOff() : error)
      })
      // The end of TLS is heard once, also where nobody reads yet.
      if (event === 'secureConnect') {
        socket.once('end', () => {
          this.#gone = true
        })
      }
      socket.once('close', () => {
        this.#gone = true
        reject(this.#failure ?? this.#brokenOff())
      })
    })
  }

  #giveUpIfAborted(): void {
    if (this.#aborted) throw new Error('given up')
  }
}

function describeSecurity(socket: tls.TLSSocket): string {
  const { subject, until } = readCertificate(socket.getPeerCertificate().raw)
  const trust = socket.authorized ? '' : ', not trusted and taken all the same'
  return `${socket.getProtocol()}, certificate of ${subject} until ${until.toISOString().slice(0, 10)}${trust}`
}

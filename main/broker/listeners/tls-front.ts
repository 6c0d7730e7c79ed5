import { X509Certificate } from 'node:crypto'
import { Socket } from 'node:net'
import {
  createSecureContext,
  createServer,
  type SecureContextOptions,
  type SecureVersion,
  type Server,
  type TLSSocket,
} from 'node:tls'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import type { TransportName } from '../../../app/mqtt/network-connection.ts'
import { remoteOf } from '../../../app/mqtt/remote-of.ts'
import type { ClientCertificate, ConnectionInfo } from '../connection-info.ts'
import type { Gate } from './gate.ts'
import type { TlsMaterial, TlsOptions, TlsVersion } from './listener.ts'
import { describeDistrust, describeFailure, describeOwnFault, isDistrust } from './tls-words.ts'

export interface TlsFrontOptions extends TlsOptions {
  readonly transport: TransportName
  readonly gate: Gate
  /** What clients may ask for by ALPN [RFC 7301]. */
  readonly protocols: readonly string[]
  /** Somebody is through. Nothing was read. */
  onSecure(socket: TLSSocket, carrier: Socket, info: ConnectionInfo): void
}

/**
 * Makes TLS of TCP connections, and finds out in words why it could not.
 *
 * A client certificate that is no good ends the connection after the handshake, with close_notify instead of an alert:
 * Node tells what is wrong with it in no other way.
 */
export class TlsFront {
  readonly #options: TlsFrontOptions
  readonly #server: Server
  #material: TlsMaterial

  /** @throws FaultlineError `invalid-argument` where certificate, key, authorities or lists cannot be used */
  constructor(options: TlsFrontOptions) {
    this.#options = options
    this.#material = options.material
    this.#server = createServer({
      ...this.#context(options.material),
      requestCert: (options.clientCertificate ?? 'off') !== 'off',
      rejectUnauthorized: false,
      ALPNProtocols: [...options.protocols],
    })
    this.#server.on('secureConnection', (socket) => this.#shaken(socket))
    this.#server.on('tlsClientError', (error, socket) => this.#failed(error, socket))
  }

  /** From the next connection on. @throws FaultlineError `invalid-argument` */
  present(material: TlsMaterial): void {
    this.#server.setSecureContext(this.#context(material))
    this.#material = material
  }

  /** Takes a connection that waits at the gate, before anything was read from it. */
  take(carrier: Socket): void {
    this.#server.emit('connection', carrier)
  }

  #context(material: TlsMaterial): SecureContextOptions {
    const { clientCertificate = 'off', minVersion = '1.2', maxVersion = '1.3' } = this.#options
    if (clientCertificate !== 'off' && material.clientAuthorities === undefined) {
      throw unusable('client certificates are asked for, and no authority is named that signs them')
    }
    const checks = clientCertificate !== 'off'
    const crl = checks && material.revoked !== undefined ? { crl: pemBlocks(material.revoked) } : {}
    const context = {
      cert: material.certificate,
      key: material.key,
      minVersion: versions[minVersion],
      maxVersion: versions[maxVersion],
      // Without one of its own Node would trust all authorities of the web.
      ca: checks ? pemBlocks(material.clientAuthorities ?? '') : [],
      ...crl,
    }
    try {
      // The server would throw the same, later and half changed.
      createSecureContext(context)
    } catch (error) {
      throw unusable(messageOf(error))
    }
    return context
  }

  #shaken(socket: TLSSocket): void {
    const { gate, clientCertificate = 'off', transport, onSecure } = this.#options
    const remote = remoteOf(socket)
    const carrier = remote === undefined ? undefined : gate.carrierOf(remote)
    if (remote === undefined || carrier === undefined) {
      socket.destroy()
      return
    }
    const shown = clientCertificate === 'off' ? undefined : socket.getPeerX509Certificate()
    if (clientCertificate === 'required' && shown === undefined) {
      this.#turnAway(socket, remote, 'the client showed no certificate, and this listener requires one')
    } else if (shown !== undefined && !socket.authorized) {
      // Its type says Error; it is the code. And it was found by the system's time, whatever ours is.
      const words = describeDistrust(String(socket.authorizationError), shown, Date.now())
      this.#turnAway(socket, remote, words)
    } else {
      onSecure(socket, carrier, {
        transport,
        remote,
        certificate: shown === undefined ? undefined : certificateOf(shown),
        tls: {
          protocol: socket.getProtocol() ?? 'unknown',
          cipher: socket.getCipher().standardName,
          alpn: socket.alpnProtocol || undefined,
        },
      })
    }
  }

  /** Softly: TLS 1.3 clients believe to be through, and what they sent would turn the end into a reset. */
  #turnAway(socket: TLSSocket, remote: string, reason: string): void {
    socket.on('error', () => socket.destroy())
    socket.resume()
    socket.end()
    this.#options.gate.refuse(remote, reason, true)
  }

  #failed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const { minVersion = '1.2', maxVersion = '1.3', gate, protocols } = this.#options
    // A socket that was reset has lost its address; the one beneath was asked for it before, and Node has no public way
    // from one to the other. Without it the gate still hears of the end, though not of the reason.
    const beneath: unknown = Reflect.get(socket, '_parent')
    const remote = remoteOf(socket) ?? (beneath instanceof Socket ? remoteOf(beneath) : undefined)
    if (remote === undefined) return
    const reason = describeFailure(error, { minVersion, maxVersion, protocols })
    // An alert says little; what is wrong with the certificate is known here.
    const fault = isDistrust(reason)
      ? describeOwnFault(new X509Certificate(this.#material.certificate), Date.now())
      : undefined
    gate.refuse(remote, fault ?? reason)
  }
}

const versions: Readonly<Record<TlsVersion, SecureVersion>> = { '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' }

function unusable(why: string): FaultlineError {
  return new FaultlineError({
    code: 'invalid-argument',
    message: `the broker cannot speak TLS: ${why}`,
    hint: 'faultline certificates makes certificates that work; "broker.tls" of faultline.json names them',
  })
}

/** Node reads one list of a text alone. */
function pemBlocks(text: string): string[] {
  return text.match(/-----BEGIN ([^-]+)-----[\s\S]*?-----END \1-----/g) ?? [text]
}

function certificateOf(seen: X509Certificate): ClientCertificate {
  return {
    commonName: /^CN=(.*)$/m.exec(seen.subject ?? '')?.[1] ?? '',
    subject: (seen.subject ?? '').replaceAll('\n', ', '),
    issuer: (seen.issuer ?? '').replaceAll('\n', ', '),
    serialNumber: seen.serialNumber,
    fingerprint: seen.fingerprint256.replaceAll(':', ''),
    validFrom: Date.parse(seen.validFrom),
    validUntil: Date.parse(seen.validTo),
  }
}

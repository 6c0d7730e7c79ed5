import type { Clock } from '../../app/base/clock.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import { BrokerAccess } from '../broker/access/broker-access.ts'
import { ensureCertificates } from '../broker/certificates/workspace-certificates.ts'
import { exposureOf } from '../broker/listeners/addresses.ts'
import type { Listener, TlsMaterial, TlsOptions } from '../broker/listeners/listener.ts'
import { listenTcp } from '../broker/listeners/tcp-listener.ts'
import { listenTls } from '../broker/listeners/tls-listener.ts'
import { listenSecureWebSocket, listenWebSocket } from '../broker/listeners/web-socket-listener.ts'
import type { BrokerSettings } from '../workspace/broker-settings.ts'
import { readCertificateFile } from '../workspace/certificate-files.ts'

/** Ports by what is spoken there; 0 is any, and undefined opens none. */
export interface ListenerPorts {
  readonly mqtt: number
  readonly mqtts?: number | undefined
  readonly ws?: number | undefined
  readonly wss?: number | undefined
}

/** Who may connect to the broker, and what they may do, by the settings of a workspace. @param workspace its path */
export function createAccess(options: {
  clock: Clock
  workspace: string
  settings: BrokerSettings | undefined
  onProblem?: (error: Error) => void
}): BrokerAccess {
  const { clock, onProblem, settings, workspace } = options
  const read = async (path: string) => {
    try {
      return await readCertificateFile(workspace, path)
    } catch (error) {
      if (error instanceof FaultlineError && error.code === 'not-found') return undefined
      throw error
    }
  }
  return new BrokerAccess({ clock, settings: settings?.access ?? {}, read, onProblem })
}

/**
 * Opens the listeners of the broker, MQTT over TCP first. What is given here comes before the settings.
 *
 * @param options.workspace its path: certificates are read there, and made where they are missing
 * @param options.log hears of each that others than this machine reach
 * @throws FaultlineError as `openPort`, `ensureCertificates` and `readTlsMaterial`; then none is open
 */
export async function openListeners(options: {
  clock: Clock
  workspace: string
  settings: BrokerSettings | undefined
  host?: string | undefined
  ports: ListenerPorts
  log: (line: string) => void
}): Promise<Listener[]> {
  const { clock, ports, settings = {}, workspace } = options
  const host = options.host ?? settings.host ?? '127.0.0.1'
  const { mqtts = settings.mqtts, ws = settings.ws, wss = settings.wss } = ports
  const listeners: Listener[] = []
  const { webSocket } = settings
  checkPorts({ '--mqtt': ports.mqtt, '--ws': ws, '--mqtts': mqtts, '--wss': wss })
  try {
    listeners.push(await listenTcp({ host, port: ports.mqtt, option: '--mqtt' }))
    if (ws !== undefined) listeners.push(await listenWebSocket({ host, port: ws, option: '--ws', clock, webSocket }))
    if (mqtts !== undefined || wss !== undefined) {
      const tls = await tlsOptions(workspace, settings.tls, clock.now())
      if (mqtts !== undefined) listeners.push(await listenTls({ host, port: mqtts, option: '--mqtts', clock, tls }))
      if (wss !== undefined) {
        listeners.push(await listenSecureWebSocket({ host, port: wss, option: '--wss', clock, tls, webSocket }))
      }
    }
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()))
    throw error
  }
  for (const listener of listeners) {
    const exposure = exposureOf(listener)
    if (exposure !== undefined) options.log(exposure)
  }
  return listeners
}

/** @throws FaultlineError `invalid-argument` where two options have one port */
export function checkPorts(ports: Readonly<Record<string, number | undefined>>): void {
  const known = new Map<number, string>()
  for (const [option, port] of Object.entries(ports)) {
    if (port === undefined || port === 0) continue
    const before = known.get(port)
    if (before !== undefined) {
      throw new FaultlineError({
        code: 'invalid-argument',
        message: `${before} and ${option} have the same port, ${port}`,
        hint: `choose another with ${option}, or 0 for any`,
      })
    }
    known.set(port, option)
  }
}

async function tlsOptions(workspace: string, settings: BrokerSettings['tls'], now: number): Promise<TlsOptions> {
  await ensureCertificates(workspace, now)
  return { ...settings, material: await readTlsMaterial(workspace, settings) }
}

/**
 * What the settings name, read now: `SecureListener.present` takes it while the listener runs.
 *
 * @throws FaultlineError `not-found`, `forbidden`, `file-unreadable`
 */
export async function readTlsMaterial(workspace: string, settings: BrokerSettings['tls']): Promise<TlsMaterial> {
  const read = (path: string) => readCertificateFile(workspace, path)
  const { certificate, clientAuthorities, key, revoked } = namedFiles(settings)
  // One after the other: of several that are missing it is always the same that is told of.
  return {
    certificate: await read(certificate),
    key: await read(key),
    clientAuthorities: clientAuthorities === undefined ? undefined : await read(clientAuthorities),
    revoked: revoked === undefined ? undefined : await read(revoked),
  }
}

/** The files that `readTlsMaterial` reads, relative to the workspace. */
export function tlsFiles(settings: BrokerSettings['tls']): string[] {
  return Object.values(namedFiles(settings)).filter((path) => path !== undefined)
}

function namedFiles(settings: BrokerSettings['tls']) {
  const {
    certificate = 'server',
    clientAuthority = 'certificates/ca.crt',
    clientCertificate = 'off',
    revoked = 'certificates/ca.crl',
  } = settings ?? {}
  const asked = clientCertificate !== 'off'
  return {
    certificate: `certificates/${certificate}.crt`,
    key: `certificates/${certificate}.key`,
    clientAuthorities: asked ? clientAuthority : undefined,
    revoked: asked && revoked !== false ? revoked : undefined,
  }
}

import { canAct, type DeviceAction } from '../../../app/device/device-snapshot.ts'
import type { Device } from '../../state/clients.ts'

/** What a program that stands still cannot do: it has to be healed before. */
const needsProgram: ReadonlySet<DeviceAction> = new Set([
  'disconnect',
  'connect',
  'hang',
  'wrongPassword',
  'useCertificate',
])

/**
 * Why an action cannot work now, in words for whoever would like to do it; undefined where it can.
 *
 * @param certificates names of the workspace's client certificates; undefined while they are not known
 */
export function whyNot(
  device: Device,
  action: DeviceAction,
  { connected, certificates }: { readonly connected: boolean; readonly certificates?: readonly string[] | undefined },
): string | undefined {
  if (!connected) return 'the workbench does not answer'
  if (action === 'useCertificate') {
    const never = noCertificate(device, certificates)
    if (never !== undefined) return never
  }
  if (action === 'takeOver' && device.clientId === '') return 'its Client Identifier is empty: nobody can take it over'
  if (!canAct(device.state, action)) return notIn(device, action)
  if (action === 'heal' || !device.faults.includes('hangs') || !needsProgram.has(action)) return undefined
  return 'it hangs: heal it first, or cut its power'
}

/** Another certificate makes a difference only where there is TLS, and where there is another one. */
function noCertificate({ target }: Device, certificates: readonly string[] | undefined): string | undefined {
  if (!/^(?:mqtts|wss):/.test(target)) {
    const broker = target === '' ? "the workbench's own broker" : target
    return `it connects to ${broker} without TLS: a certificate needs a target of mqtts:// or wss://`
  }
  if (certificates === undefined) return 'looking for certificates …'
  if (certificates.length > 0) return undefined
  return 'the workspace has none: put NAME.crt and NAME.key into its folder certificates'
}

function notIn({ state }: Device, action: DeviceAction): string {
  switch (action) {
    case 'powerOn':
      return 'it has power'
    case 'connect':
      if (state === 'online') return 'it is online'
      break
    case 'disconnect':
      if (state === 'offline') return 'it is offline'
      break
    case 'takeOver':
      return `only a device that is online can be taken over: it is ${words(state)}`
  }
  switch (state) {
    case 'off':
    case 'power lost':
      return action === 'powerLoss' ? 'it has no power' : 'it has no power: power it on first'
    case 'script error':
      return 'its script has failed: power it on first'
    default:
      return `it is ${words(state)}`
  }
}

function words(state: Device['state']): string {
  return state === 'power lost' ? 'without power' : state
}

/** A reason that stands by itself. */
export function sentence(reason: string): string {
  const text = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`
  return text.endsWith('…') ? text : `${text}.`
}

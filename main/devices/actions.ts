import type { Clock } from '../../app/base/clock.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import { type ActionSettings, canAct, type DeviceAction } from '../../app/device/device-snapshot.ts'
import { formatDuration } from '../../app/device/duration-words.ts'
import type { DeviceRecord } from './device-record.ts'
import type { Order } from './messages.ts'

/** What an action does a device with. */
export interface Hands {
  readonly clock: Clock
  /** See `DevicesOptions`. */
  readonly connectWith:
    | ((target: DeviceRecord['target'], certificate: string) => Promise<DeviceRecord['target']>)
    | undefined
  boot(device: DeviceRecord, reason: string): Promise<void>
  cutPower(device: DeviceRecord, reason: string): Promise<void>
  tell(device: DeviceRecord, order: Order): Promise<void>
  /** Its snapshot is another one now. */
  touch(device: DeviceRecord): void
}

/**
 * Carries out an action.
 *
 * @throws FaultlineError `wrong-state` where it makes no sense, `invalid-argument` where a setting is missing, and what
 * `connectWith` throws
 */
export async function carryOut(
  device: DeviceRecord,
  action: DeviceAction,
  settings: ActionSettings,
  hands: Hands,
): Promise<void> {
  check(device, action)
  const { faults } = device
  switch (action) {
    case 'powerLoss':
      faults.begin('power loss', 'its power is cut')
      return hands.cutPower(device, 'its power was cut')
    case 'powerOn':
      return hands.boot(device, 'powered on')
    case 'reboot':
      return reboot(device, settings.offMs ?? 0, hands)
    case 'disconnect':
      return hands.tell(device, { type: 'disconnect' })
    case 'connect':
      if (device.unloaded) return hands.boot(device, 'its RAM was lost while it was offline')
      return hands.tell(device, { type: 'connect' })
    case 'crash':
      faults.begin('crash', 'its script throws')
      return hands.tell(device, { type: 'crash' })
    case 'hang':
      faults.begin('hang', 'the program stands still')
      hands.touch(device)
      return hands.tell(device, { type: 'hang' })
    case 'takeOver':
      if (device.clientId === '') throw nameless(device)
      return hands.tell(device, { type: 'take over', second: faults.takeOver() })
    case 'clockSkew':
      return setClock(device, settings.skewMs, hands)
    case 'wrongPassword':
      faults.begin('wrong password', 'connects anew with a wrong password')
      return connectAnew(device, 'connects anew with a wrong password', hands)
    case 'useCertificate':
      return changeCertificate(device, settings.certificate, hands)
    case 'heal':
      return heal(device, hands)
  }
}

async function reboot(device: DeviceRecord, offMs: number, hands: Hands): Promise<void> {
  device.faults.begin('reboot', offMs > 0 ? `its power is cut for ${formatDuration(offMs)}` : 'its power is cut')
  await hands.cutPower(device, offMs > 0 ? `rebooting: off for ${formatDuration(offMs)}` : 'rebooting')
  const { life } = device
  // Whoever powers it on in the meantime has ended this life, and with it the waiting.
  const powerOn = () => (device.life === life ? hands.boot(device, 'rebooted') : Promise.resolve())
  if (offMs === 0) await powerOn()
  else device.wake = hands.clock.after(offMs, () => void powerOn())
}

async function setClock(device: DeviceRecord, skewMs: number | undefined, hands: Hands): Promise<void> {
  if (skewMs === undefined) throw missing('clockSkew', 'skewMs', 'by how many milliseconds the clock is to be ahead')
  device.faults.skewClock(skewMs)
  hands.touch(device)
  await hands.tell(device, { type: 'set clock', skewMs })
}

async function changeCertificate(device: DeviceRecord, name: string | undefined, hands: Hands): Promise<void> {
  if (name === undefined) {
    throw missing('useCertificate', 'certificate', "the name of a pair of files in the workspace's certificates folder")
  }
  const { target } = device
  if (hands.connectWith === undefined || !/^(mqtts|wss):/.test(target.url)) {
    throw new FaultlineError({
      code: 'wrong-state',
      message: `${device.id} cannot use a certificate: it connects to ${target.url || "the workbench's own broker"} without TLS`,
      hint: 'give it a target of mqtts:// or wss:// in faultline.json',
    })
  }
  const other = await hands.connectWith(target, name)
  // Much may have happened while the files were read.
  check(device, 'useCertificate')
  device.otherTarget = other
  device.faults.connectWith(name)
  await connectAnew(device, `connects anew with the certificate '${name}'`, hands)
}

async function heal(device: DeviceRecord, hands: Hands): Promise<void> {
  const { faults } = device
  if (faults.words().length === 0) return
  const { certificate, hangs, skewMs, wrongPassword } = faults
  const connects = wrongPassword || certificate !== undefined
  faults.heal()
  device.otherTarget = undefined
  hands.touch(device)
  if (skewMs !== 0) await hands.tell(device, { type: 'set clock', skewMs: 0 })
  if (hangs) await hands.tell(device, { type: 'wake' })
  if (connects) await hands.tell(device, orderToConnect(device, 'connects anew, healed'))
}

async function connectAnew(device: DeviceRecord, reason: string, hands: Hands): Promise<void> {
  hands.touch(device)
  await hands.tell(device, orderToConnect(device, reason))
}

function orderToConnect(device: DeviceRecord, reason: string): Order {
  const { address, faults } = device
  return { type: 'connect anew', broker: address, wrongPassword: faults.wrongPassword, reason }
}

/** What a program that stands still cannot do. */
const needsProgram: ReadonlySet<DeviceAction> = new Set([
  'disconnect',
  'connect',
  'hang',
  'wrongPassword',
  'useCertificate',
])

function check(device: DeviceRecord, action: DeviceAction): void {
  if (!canAct(device.state, action)) {
    const state = device.state === 'off' ? 'switched off' : device.state
    throw new FaultlineError({
      code: 'wrong-state',
      message: `${device.id} cannot ${words[action]}: it is ${state}`,
    })
  }
  if (device.faults.hangs && needsProgram.has(action)) {
    throw new FaultlineError({
      code: 'wrong-state',
      message: `${device.id} cannot ${words[action]}: it hangs`,
      hint: 'heal it first, or cut its power',
    })
  }
}

const words: Record<DeviceAction, string> = {
  powerLoss: 'lose its power',
  powerOn: 'be powered on',
  disconnect: 'disconnect',
  connect: 'connect',
  reboot: 'be rebooted',
  crash: 'crash',
  hang: 'hang',
  takeOver: 'be taken over',
  wrongPassword: 'connect with a wrong password',
  clockSkew: 'have another time',
  useCertificate: 'use another certificate',
  heal: 'be healed',
}

function nameless(device: DeviceRecord): FaultlineError {
  return new FaultlineError({
    code: 'wrong-state',
    message: `${device.id} cannot be taken over: its Client Identifier is empty, and the broker has not said which it has given it`,
    hint: 'give it a clientId in its script, or use MQTT 5, in which a broker says it',
  })
}

function missing(action: DeviceAction, setting: keyof ActionSettings, what: string): FaultlineError {
  return new FaultlineError({ code: 'invalid-argument', message: `${action} needs '${setting}': ${what}` })
}

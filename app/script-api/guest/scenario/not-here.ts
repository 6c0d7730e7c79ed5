import type { DeviceScript, Flash, FleetScript, Timer } from 'faultline'
import { mistake } from '../../mistake.ts'

/** What only devices have: it can be imported, because a module may serve both, and says at the call what to do. */
export const notHere: {
  device(): DeviceScript
  fleet(): FleetScript
  every(): Timer
  after(): Timer
  flash: Flash
} = {
  device: () => refuse('device(...) belongs in a file of its own that ends in .device.ts, in the folder devices'),
  fleet: () => refuse('fleet(...) belongs in a file of its own that ends in .device.ts, in the folder devices'),
  every: noTimers,
  after: noTimers,
  flash: Object.freeze({ get: noFlash, set: noFlash, delete: noFlash, keys: noFlash }),
}

function noTimers(): never {
  return refuse("a scenario has no timers of its own; let time pass with wait('2s'), or expect what should come")
}

function noFlash(): never {
  return refuse('a scenario has no flash; keep values in variables of its body')
}

function refuse(message: string): never {
  throw mistake(message)
}

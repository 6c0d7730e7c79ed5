import type { QoS } from 'faultline'
import { mistake, shown } from '../mistake.ts'

/** @throws FaultlineError `invalid-argument` */
export function checkQoS(value: unknown, what: string, option?: string): QoS {
  if (value === 0 || value === 1 || value === 2) return value
  throw mistake(`${what} must be 0, 1 or 2, not ${shown(value)}`, option)
}

/** @throws FaultlineError `invalid-argument` [MQTT 5 §3.8.3.1] */
export const checkRetainHandling: (value: unknown, what: string, option?: string) => 0 | 1 | 2 = checkQoS

/** @throws FaultlineError `invalid-argument` */
export function checkFlag(value: unknown, what: string, option?: string): boolean {
  if (typeof value === 'boolean') return value
  throw mistake(`${what} must be true or false, not ${shown(value)}`, option)
}

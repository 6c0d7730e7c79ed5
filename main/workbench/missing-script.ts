import { closest } from '../../app/base/closest.ts'
import type { DeviceGroup, PlanMistake } from '../../app/scenario/plan.ts'

/** What is wrong with a group whose script is not there; none where it is. @param devices what there is to name */
export function missingScript({ name, script }: DeviceGroup, devices: readonly string[]): PlanMistake[] {
  if (devices.includes(script)) return []
  const meant = closest(script, devices)
  const offer = meant === undefined ? `put it into devices/${script}.device.ts` : `did you mean '${meant}'?`
  return [{ path: `devices.${name}.script`, message: `names '${script}', which is not there; ${offer}` }]
}

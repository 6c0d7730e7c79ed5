import type { DeviceState } from '../../app/device/device-snapshot.ts'
import { lifecycle } from '../../app/device/lifecycle.ts'

/** Whether a device can come from one state to another in one step. */
export function canFollow(from: DeviceState, to: DeviceState): boolean {
  return Object.values(lifecycle[from]).includes(to)
}

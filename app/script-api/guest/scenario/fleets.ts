import type { FleetHandle } from 'faultline'
import { type Asks, nothing } from './asks.ts'
import type { Handles } from './handles.ts'
import { oneOf, optionsOf, timeOf, wholeNumber } from './options.ts'

/** A group of devices as a whole. */
export function createFleet(asks: Asks, handles: Handles, group: string): FleetHandle {
  const fleet: FleetHandle = {
    kind: 'fleet handle',
    rampTo: (count, options) =>
      asks.ask(() => {
        const { over = 0 } = optionsOf(options, ['over'], 'rampTo(...)')
        const checked = wholeNumber(count, 'the count of rampTo', 0, 100_000)
        return { do: 'ramp', group, count: checked, overMs: timeOf(over, 'over of rampTo') }
      }, nothing),
    storm: (options) =>
      asks.ask(() => {
        const { reconnect = 'all at once' } = optionsOf(options, ['reconnect'], 'storm(...)')
        const how = oneOf(reconnect, ['all at once', 'as scripted'], 'reconnect of storm')
        return { do: 'storm', group, reconnect: how }
      }, nothing),
    online: () => asks.ask(() => ({ do: 'read', what: 'online', of: group }), Number),
  }
  return handles.add(fleet, { is: 'fleet', group })
}

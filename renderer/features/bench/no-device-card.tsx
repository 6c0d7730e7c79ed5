import type { FleetGroup } from '../../state/fleets.ts'
import { Card } from '../../ui/card.tsx'
import { fleetName } from './fleet-words.ts'

export interface NoDeviceCardProps {
  /** The load fleet whose client it is; undefined for an outside client. */
  readonly loadFleet: FleetGroup | undefined
  readonly onSelect: (key: string) => void
}

/** Says why there is no more to see of a client than its session and its link, and where there is. */
export function NoDeviceCard({ loadFleet, onSelect }: NoDeviceCardProps) {
  if (loadFleet === undefined) {
    return (
      <Card title="Outside client">
        <p className="inspector-remark">
          It is no device of this workspace: script, console and power are its own. Its packets can be held, and rules
          on the Traffic screen make its link fail.
        </p>
      </Card>
    )
  }
  return (
    <Card title="Load client">
      <p className="inspector-remark">
        Clients of a load fleet have no script of their own, and so no states, no console and no faults. What they send
        is set for all of them:
      </p>
      <button type="button" className="inspector-place" onClick={() => onSelect(loadFleet.key)}>
        {fleetName(loadFleet)}
      </button>
    </Card>
  )
}

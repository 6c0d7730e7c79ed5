import { Card, Fact, Facts } from '../../ui/card.tsx'

export interface TargetCardProps {
  /** The URL that the device connects to. */
  readonly target: string
}

/** Stands in place of session and will where the broker is not the workbench's own, and does not tell of them. */
export function TargetCard({ target }: TargetCardProps) {
  return (
    <Card title="Target">
      <Facts>
        <Fact name="broker">
          <code>{target}</code>
        </Fact>
      </Facts>
      <p className="inspector-remark">
        This broker is not the workbench's own: which session it keeps for the device, and what becomes of its will, is
        not known here. The capture shows every packet.
      </p>
    </Card>
  )
}

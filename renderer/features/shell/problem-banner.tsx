import type { FaultlineError } from '../../../app/base/errors.ts'
import { Button } from '../../ui/button.tsx'
import '../../ui/notice.css'
import './bars.css'

export interface ProblemBannerProps {
  readonly problem: FaultlineError
  readonly onDismiss: () => void
}

/** An error that belongs to no place on the screen. */
export function ProblemBanner({ problem, onDismiss }: ProblemBannerProps) {
  return (
    <div className="notice notice-bad banner" role="alert">
      <span>
        {problem.message}
        {problem.hint !== undefined && ` (${problem.hint})`}
      </span>
      <Button size="small" onClick={onDismiss}>
        Dismiss
      </Button>
    </div>
  )
}

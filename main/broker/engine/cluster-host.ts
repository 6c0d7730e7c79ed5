import type { Clock } from '../../../app/base/clock.ts'
import type { ApplicationMessage } from '../../../app/session/application-message.ts'
import type { Subscription } from '../../../app/session/subscription.ts'
import type { Retained } from './retained.ts'
import type { RoutedMessage } from './routed-message.ts'
import type { Router } from './router.ts'
import type { ServedSession } from './served-session.ts'
import type { SessionKeeper } from './session-keeper.ts'
import type { ShareStrategy } from './share-group.ts'

/** What the cluster needs of its engine. */
export interface ClusterHost {
  readonly clock: Clock
  readonly keeper: SessionKeeper
  readonly retained: Retained
  readonly router: Pick<Router<ServedSession>, 'give' | 'memberHere'>
  readonly shareStrategy: ShareStrategy
  /** Gives it to everybody here whom it is for. */
  route(message: RoutedMessage): void
  /** @returns the message as one of this broker's own, with a number of its own */
  adopted(message: ApplicationMessage): RoutedMessage
  subscribe(session: ServedSession, subscription: Subscription): void
  onProblem(error: Error): void
}

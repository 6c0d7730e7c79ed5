import type { brokerMethods } from '../../app/contract/broker.ts'
import type { Result } from '../../app/contract/contract.ts'
import type { Handlers } from '../../app/contract/responder.ts'
import type { Broker } from '../broker/broker.ts'
import type { Limits } from '../broker/engine/limits.ts'
import type { OwnBroker } from './own-broker.ts'

/** Answers what screens ask of the broker itself. */
export function brokerHandlers(
  broker: Broker,
  own: Pick<OwnBroker, 'listening' | 'store' | 'storeFailing'>,
): Pick<Handlers, keyof typeof brokerMethods> {
  return {
    'broker.refuse': ({ beside = false, code, reason = 'it was ordered', ...rest }) => {
      const order = code === undefined ? undefined : { code, reason, ...rest }
      if (order !== undefined && beside) broker.refusals.add(order)
      else broker.refuse(order, rest.packet)
      return {}
    },
    'broker.letIn': ({ id }) => {
      broker.refusals.remove(id)
      return {}
    },
    'broker.state': () => ({
      listeners: own.listening.map((listener) => ({ ...listener })),
      store: own.store,
      ...(own.storeFailing === undefined ? {} : { storeFailing: own.storeFailing }),
      connected: broker.connected,
      limits: limitsOf(broker.changeLimits({})),
      refusals: broker.refusals.list(),
    }),
    'broker.limits': (change) => limitsOf(broker.changeLimits(change)),
  }
}

/** What is for ever is absent. */
function limitsOf({ maxSessionExpiry, ...limits }: Limits): Result<'broker.limits'> {
  return Number.isFinite(maxSessionExpiry) ? { ...limits, maxSessionExpiry } : limits
}

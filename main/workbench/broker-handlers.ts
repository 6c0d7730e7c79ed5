import type { brokerMethods } from '../../app/contract/broker.ts'
import type { Handlers } from '../../app/contract/responder.ts'
import type { Broker } from '../broker/broker.ts'

/** Answers what screens ask of the broker itself. */
export function brokerHandlers(broker: Broker): Pick<Handlers, keyof typeof brokerMethods> {
  return {
    'broker.refuse': ({ code, reason = 'it was ordered', ...rest }) => {
      broker.refuse(code === undefined ? undefined : { code, reason, ...rest })
      return {}
    },
    'broker.limits': (change) => {
      const { maxSessionExpiry, ...limits } = broker.changeLimits(change)
      return Number.isFinite(maxSessionExpiry) ? { ...limits, maxSessionExpiry } : limits
    },
  }
}

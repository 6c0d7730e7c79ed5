import type { Access } from './access.ts'

const everything = { allowed: true, rule: 'there are no rules' } as const

/** Lets everybody in, under the name that they say, and everybody do everything. */
export const freeAccess: Access = {
  authenticate: ({ clientId, userName }) => ({
    allowed: true,
    userName,
    clientId,
    rule: 'everybody may connect',
    validUntil: undefined,
  }),
  mayPublish: () => everything,
  maySubscribe: () => everything,
}

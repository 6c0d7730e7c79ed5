/** How buckets and keys are named. It is part of the form of a store. */

/** What a store is, under its own key beside all buckets. A later form has another number. */
export const formatKey = 'format'
export const format = 'faultline broker store 1'
/** The same for a store that several brokers share: of its log as well. */
export const sharedFormat = 'faultline broker store 2'

export const retainedBucket = 'retained'
const sessionPrefix = 'session/'

export function sessionBucket(clientId: string): string {
  return sessionPrefix + clientId
}

/** The Client Identifier whose Session has this bucket; undefined where it is no Session's. */
export function clientIdOf(bucket: string): string | undefined {
  return bucket.startsWith(sessionPrefix) ? bucket.slice(sessionPrefix.length) : undefined
}

/** The first letter of a key in the bucket of a Session says what its value is. */
export const headKey = 'h'

export function subscriptionKey(filter: string): string {
  return `s${filter}`
}

export function outgoingKey(ordinal: number): string {
  return `o${ordinal}`
}

export function incomingKey(packetId: number): string {
  return `i${packetId}`
}

/** Of a store that several brokers share: what is put here is appended to the log. */
export const logBucket = 'log'
/** By Client Identifier: the broker that serves the Session, and up to where its former one had read the log. */
export const ownersBucket = 'owners'
export const positionsBucket = 'positions'
/** Of Shared Subscriptions: by group, filter and Client Identifier the broker that has the member. */
export const membersBucket = 'members'

export function memberKey(group: string, matches: string, clientId: string): string {
  return JSON.stringify([group, matches, clientId])
}

/** By broker: when it wrote the last time. */
export const beatsBucket = 'beats'

import * as v from 'valibot'
import { empty } from './values.ts'

/** A broker that is not the workbench's own, and that its devices connect to. */
const target = v.strictObject({
  url: v.string(),
  /** How the last attempt of a device ended; `untried` before the first. */
  state: v.picklist(['untried', 'reached', 'failed']),
  /** Why it could not be reached; empty otherwise. */
  reason: v.string(),
})

export const targetMethods = {
  /** Those in use: the one for all devices first, then those that single entries of the workspace name. */
  'targets.list': { params: empty, result: v.array(target) },
} as const

export const targetEvents = {
  /** The whole list, when one was added, left, reached or not reached. */
  'targets.changed': v.strictObject({ targets: v.array(target) }),
} as const

export type TargetSnapshot = v.InferOutput<typeof target>

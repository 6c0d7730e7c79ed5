import type { Clock } from '../../app/base/clock.ts'
import { Inspector } from '../devices/inspector.ts'
import type { Inspection } from '../devices/messages.ts'

export interface TriedScript {
  /** Relative to the workspace, with `/`. */
  readonly file: string
  readonly text: string
  /** The id of a device that runs it. */
  readonly id: string
}

/**
 * Runs each script once as far as a device of it would before it connects, in the sandbox that devices have: its text,
 * and then the factory of a device, or the options of a load fleet. Nothing is connected to anything.
 */
export async function tryScripts(
  scripts: readonly TriedScript[],
  options: {
    readonly clock: Clock
    readonly assets: { readonly worker: URL; readonly guest: URL }
    /** The workspace's folder, absolute. */
    readonly workspace: string
    readonly seed: string | number
  },
): Promise<{ readonly script: TriedScript; readonly inspection: Inspection }[]> {
  const { assets, clock, seed, workspace } = options
  const setup = { seed, workspace, guest: assets.guest.href }
  const inspector = new Inspector({ clock, worker: assets.worker, setup })
  try {
    const tried: { script: TriedScript; inspection: Inspection }[] = []
    for (const script of scripts) {
      tried.push({ script, inspection: await inspector.inspect(script.file, script.text, script.id) })
    }
    return tried
  } finally {
    await inspector.close()
  }
}

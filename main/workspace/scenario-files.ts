import type { Disposable } from '../../app/base/disposable.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import { putNew } from './new-script.ts'
import { runsFolder } from './run-history.ts'
import { deepest, isLeftOut, listTextFiles } from './text-files.ts'
import { watchInside } from './watch-inside.ts'

/** The folder of a workspace's scenarios. */
export const scenarioFolder = 'scenarios'
export const scenarioEnding = '.scenario.ts'

/** Paths of the scenarios of a workspace, sorted. Errors as `listTextFiles`. */
export async function listScenarios(root: string): Promise<string[]> {
  return (await listTextFiles(root, scenarioFolder)).filter((path) => path.endsWith(scenarioEnding))
}

/**
 * Makes `scenarios/<name>.scenario.ts`, in one step, and never in the place of another file.
 *
 * @returns its path, relative to the workspace
 * @throws FaultlineError `invalid-argument` for the name, `conflict`, `forbidden`, `file-unwritable`
 */
export async function createScenario(root: string, name: string, text: string): Promise<string> {
  if (!/^[A-Za-z0-9][\w-]{0,63}$/.test(name)) {
    throw new FaultlineError({
      code: 'invalid-argument',
      message: `'${name}' is no name for a scenario's file`,
      hint: 'letters, digits, "_" and "-" will do, at most 64',
    })
  }
  const path = `${scenarioFolder}/${name}${scenarioEnding}`
  await putNew(root, path, text)
  return path
}

/** How long nothing has changed before it is told, in milliseconds. */
const settledMs = 60

/**
 * Calls back once when it has begun, and whenever scenarios, or the runs that are kept of them, have changed on disk.
 *
 * @param root absolute path of the workspace
 * @param onProblem hears why the folders cannot be watched
 */
export function watchScenarios(root: string, onChange: () => void, onProblem: (error: unknown) => void): Disposable {
  let timer: NodeJS.Timeout | undefined
  const tell = () => {
    clearTimeout(timer)
    timer = setTimeout(onChange, settledMs)
  }
  const watching = watchInside({
    folder: root,
    paths: [scenarioFolder, runsFolder],
    depth: deepest + 2,
    leavesOut: (name, below) => below === scenarioFolder && isLeftOut(name),
    onChange: tell,
    onReady: tell,
    onProblem,
  })
  return {
    dispose() {
      clearTimeout(timer)
      watching.dispose()
    },
  }
}

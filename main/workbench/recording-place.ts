import { join } from 'node:path'
import { recordingEnding } from '../../app/capture/recording-format.ts'
import type { RecordingPlace } from '../scenarios/run.ts'
import { makeFolderInside } from '../workspace/folder-inside.ts'

/**
 * Where the recording of a run goes; makes the folder.
 *
 * @param workspace absolute path. @param folder relative to it, with `/`. @param id of the run
 * @throws FaultlineError `forbidden` where the folder leads out of the workspace; what `mkdir` throws
 */
export async function recordingPlace(workspace: string, folder: string, id: string): Promise<RecordingPlace> {
  await makeFolderInside(workspace, folder)
  const name = `${folder}/${id}${recordingEnding}`
  return { path: join(workspace, name), name }
}

import { access, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder, and those that it lies in. Node's own `recursive` tries for ever where there can be no folder, such as in
 * /proc.
 *
 * @param mode of the last one
 */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  try {
    await mkdir(folder, { mode })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const parent = dirname(folder)
    // What is there and is no folder cannot be listed, which is said then.
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || parent === folder || (await isThere(parent))) throw error
    await makeFolder(parent)
    await mkdir(folder, { mode })
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

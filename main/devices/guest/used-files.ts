import type { ReadFile, RefusedFile, WorkspaceFiles } from './workspace-files.ts'

/** In one life. Each of them is watched. */
const mostFiles = 200

/** Reads the workspace's files for one device, and tells which they were, so that a change of one restarts it. */
export class UsedFiles {
  readonly #files: WorkspaceFiles
  readonly #used: (path: string, revision: string | undefined) => void
  readonly #told = new Map<string, string | undefined>()

  /** @param used hears of a file when it is read or missed for the first time, and when it has become another */
  constructor(files: WorkspaceFiles, used: (path: string, revision: string | undefined) => void) {
    this.#files = files
    this.#used = used
  }

  read(path: string, from: string): ReadFile | RefusedFile {
    const file = this.#files.read(path, from)
    if (file.path === undefined) return file
    if (this.#told.has(file.path) && this.#told.get(file.path) === file.revision) return file
    if (!this.#told.has(file.path) && this.#told.size === mostFiles) {
      return { refused: `cannot be read: a device can use ${mostFiles} files` }
    }
    this.#told.set(file.path, file.revision)
    this.#used(file.path, file.revision)
    return file
  }
}

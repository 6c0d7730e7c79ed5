const longestPath = 500

/** What scripts read, and what an editor shows: a workspace also holds keys, passwords of brokers and recordings. */
export const textEndings = ['.ts', '.proto', '.csv'] as const
/** In octets. A device has 4 MB of memory for everything. */
export const largestFile = 1024 * 1024

/** @param name of a file, with or without the path before it */
export function isTextName(name: string): boolean {
  return textEndings.some((ending) => name.endsWith(ending) && name !== ending && !name.endsWith(`/${ending}`))
}

/** Whether a folder or file may have this name, on every system. */
export function isPlainName(name: string): boolean {
  return name !== '' && !/[\\:\0]/.test(name)
}

export function isHidden(name: string): boolean {
  return name.startsWith('.')
}

/**
 * Where a path leads. One that begins with `./` or `../` counts from the folder of `from`, every other one from the
 * workspace's own folder; `/` separates, on every system.
 *
 * @param from a file, relative to the workspace
 */
export function resolvePath(path: string, from: string): { readonly path: string } | { path?: never; refused: string } {
  if (path.length > longestPath) return { refused: `is too long: a path has at most ${longestPath} characters` }
  const relative = /^\.\.?(?:\/|$)/.test(path)
  const segments = relative ? from.split('/').slice(0, -1) : []
  for (const segment of path.split('/')) {
    if (segment === '.') continue
    if (segment === '..') {
      if (segments.pop() === undefined) return { refused: 'is outside of the workspace' }
    } else if (!isPlainName(segment)) {
      return { refused: 'is not a path inside of the workspace' }
    } else if (isHidden(segment)) {
      return { refused: 'is hidden: what begins with a dot is not read' }
    } else {
      segments.push(segment)
    }
  }
  return { path: segments.join('/') }
}

const longestPath = 500

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
    } else if (segment === '' || /[\\:\0]/.test(segment)) {
      return { refused: 'is not a path inside of the workspace' }
    } else if (segment.startsWith('.')) {
      return { refused: 'is hidden: what begins with a dot is not read' }
    } else {
      segments.push(segment)
    }
  }
  return { path: segments.join('/') }
}

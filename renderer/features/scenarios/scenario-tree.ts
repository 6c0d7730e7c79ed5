import type { ScenarioFile } from '../../../app/contract/scenarios.ts'

export type TreeRow =
  | { readonly kind: 'folder'; readonly path: string; readonly name: string; readonly depth: number }
  | { readonly kind: 'file'; readonly path: string; readonly depth: number; readonly file: ScenarioFile }

/** The files as a tree, each folder before what is in it; `scenarios` itself is no row. */
export function treeOf(files: readonly ScenarioFile[]): TreeRow[] {
  const rows: TreeRow[] = []
  const seen = new Set<string>()
  // Files of a folder before the folders in it, as they are looked for.
  for (const file of [...files].sort((a, b) => compare(a.path, b.path))) {
    const folders = file.path.split('/').slice(1, -1)
    for (const [depth, name] of folders.entries()) {
      const path = folders.slice(0, depth + 1).join('/')
      if (seen.has(path)) continue
      seen.add(path)
      rows.push({ kind: 'folder', path, name, depth })
    }
    rows.push({ kind: 'file', path: file.path, depth: folders.length, file })
  }
  return rows
}

function compare(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')]
  for (let i = 0; ; i++) {
    const isFileLeft = i >= left.length - 1
    const isFileRight = i >= right.length - 1
    if (isFileLeft !== isFileRight) return isFileLeft ? -1 : 1
    const order = (left[i] ?? '').localeCompare(right[i] ?? '', 'en')
    if (order !== 0 || isFileLeft) return order
  }
}

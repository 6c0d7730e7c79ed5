import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A folder that looks like a built screen: a page, a hashed script, an icon. */
export async function createWebRoot(): Promise<{ url: URL; folder: string; remove(): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'faultline-web-'))
  const folder = join(parent, 'web')
  await mkdir(join(folder, 'assets'), { recursive: true })
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>the page</title>')
  await writeFile(join(folder, 'assets', 'index-3f2a.js'), 'export {}')
  await writeFile(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(join(parent, 'secret.txt'), 'not for the page')
  return { url: pathToFileURL(`${folder}/`), folder, remove: () => rm(parent, { recursive: true, force: true }) }
}

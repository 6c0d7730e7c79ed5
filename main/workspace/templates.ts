import { readFile } from 'node:fs/promises'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { scriptEnding } from './workspace.ts'

/** In the order in which they are offered: the simple ones first. */
const offered = [
  { id: 'thermometer', count: 1 },
  { id: 'pump', count: 1 },
  { id: 'gps-tracker', count: 1 },
  { id: 'gateway', count: 1 },
  { id: 'meter-fleet', count: 20 },
  { id: 'firmware-updater', count: 1 },
] as const

export interface Template {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly text: string
  /** How many devices of it a workspace gets that lists its devices. */
  readonly count: number
}

/**
 * What a new script can begin with: shipped scripts that begin with a comment, whose first line is the title and whose
 * last paragraph the description.
 *
 * @param folder ends in `/`
 * @throws FaultlineError `file-unreadable`
 */
export function readTemplates(folder: URL): Promise<Template[]> {
  return Promise.all(offered.map(async ({ id, count }) => ({ ...(await readTemplate(folder, id)), count })))
}

async function readTemplate(folder: URL, id: string): Promise<Omit<Template, 'count'>> {
  try {
    const text = await readFile(new URL(`${id}${scriptEnding}`, folder), 'utf8')
    const comment = /^\/\*\n([\s\S]*?)\*\//.exec(text)?.[1] ?? ''
    const paragraphs = comment
      .replaceAll(/^ \* ?/gm, '')
      .trim()
      .split(/\n{2,}/)
    const [title = id, ...rest] = paragraphs.map((paragraph) => paragraph.replaceAll(/\s*\n\s*/g, ' '))
    return { id, title, description: rest[0] ?? '', text }
  } catch (error) {
    throw new FaultlineError({
      code: 'file-unreadable',
      message: `the template ${id} cannot be read: ${messageOf(error)}`,
      hint: 'it belongs to Faultline itself: install it again',
    })
  }
}

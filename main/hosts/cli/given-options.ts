import { type Command, InvalidArgumentError } from 'commander'
import { seedOf } from '../../../app/base/seed.ts'

/**
 * Refuses an option that is given twice: the last one would count, and who has written `--grep a --grep b` would not miss what
 * did not run.
 *
 * @param several names of those that may be given more than once
 */
export function refuseRepeated(command: Command, several: readonly string[] = []): void {
  const given = new Set<string>()
  for (const option of command.options) {
    if (option.isBoolean() || several.includes(option.name())) continue
    command.on(`option:${option.name()}`, () => {
      if (given.has(option.name())) command.error(`error: option '${option.flags}' is given more than once`)
      given.add(option.name())
    })
  }
}

/** An empty one comes of a variable that is not set. */
export function seedIn(text: string): string | number {
  if (text.trim() === '') throw new InvalidArgumentError('A seed is a number or a text, and not empty.')
  return seedOf(text)
}

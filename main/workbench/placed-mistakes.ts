import type { FileMistake, ScenarioText } from '../scenarios/planning.ts'

/** Where in the file each mistake stands, as far as that can be found. */
export async function placed(mistakes: readonly FileMistake[], { file, source }: ScenarioText): Promise<FileMistake[]> {
  const { findOption } = await import('../devices/guest/script-source.ts')
  return mistakes.map((mistake) => {
    if (mistake.place !== undefined || mistake.thrown) return mistake
    const found = findOption({ file, text: source }, mistake.path)
    return { ...mistake, place: { file, ...(found ?? { line: 1, column: 1 }) } }
  })
}

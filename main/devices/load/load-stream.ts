import { createRandom, type Random } from '../../../app/base/random.ts'

/** Numbers one after the other are far apart in [0, 1): multiples of the golden ratio. */
export function share(n: number): number {
  return (n * 0.618_033_988_749_895) % 1
}

/** The client's stream of payloads. Made when the first number is drawn: most fleets of ten thousand draw none. */
export function streamOf(seed: string | number, id: string): Random {
  let made: Random | undefined
  const stream = () => {
    made ??= createRandom(seed, id, 'payload')
    return made
  }
  return {
    next: () => stream().next(),
    integer: (min, max) => stream().integer(min, max),
    normal: () => stream().normal(),
  }
}

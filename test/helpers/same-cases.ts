import fc from 'fast-check'

/**
 * The gate tries the same generated cases each time: what it says of a commit it says again. New ones are drawn by
 * `npm run test:explore`. The models of the broker, which have a seed of their own, take other steps in each run.
 */
fc.configureGlobal({ seed: 20_261_123 })

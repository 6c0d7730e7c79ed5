/**
 * How scripts are typed, in the words of a `tsconfig.json`: the one source for the editor and for `faultline check`, so
 * that neither finds what the other does not.
 */
export const scriptCompilerOptions = {
  target: 'esnext',
  module: 'esnext',
  moduleResolution: 'bundler',
  // A script without an import is a module as well: its names are its own.
  moduleDetection: 'force',
  allowImportingTsExtensions: true,
  // What the sandbox has: the language itself, and neither a browser nor Node.
  lib: ['es2023'],
  types: [],
  strict: true,
  noUncheckedIndexedAccess: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  // Types are stripped and nothing else is compiled: what needs more is an error here already.
  isolatedModules: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  noEmit: true,
  skipLibCheck: true,
} as const

/** Monaco ships this module without its types: the tokens and brackets of TypeScript. */
declare module 'monaco-editor/languages/definitions/typescript/typescript' {
  import type { languages } from 'monaco-editor/editor'

  export const conf: languages.LanguageConfiguration
  export const language: languages.IMonarchLanguage & {
    readonly tokenizer: { readonly [state: string]: languages.IMonarchLanguageRule[] }
  }
}

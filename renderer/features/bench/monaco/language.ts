import { languages } from 'monaco-editor/editor'
import { conf, language } from 'monaco-editor/languages/definitions/typescript/typescript'
import {
  ModuleKind,
  ModuleResolutionKind,
  ScriptTarget,
  typescriptDefaults,
} from 'monaco-editor/languages/features/typescript/register'
import scriptApi from '../../../../app/script-api/faultline.d.ts?raw'

export const scriptLanguage = 'typescript'

/** Teaches Monaco what a script is: TypeScript that may import `faultline`, and knows no platform. */
export function registerScriptLanguage(): void {
  languages.register({ id: scriptLanguage, extensions: ['.ts'], aliases: ['TypeScript'] })
  languages.setLanguageConfiguration(scriptLanguage, conf)
  languages.setMonarchTokensProvider(scriptLanguage, withFunctions())
  typescriptDefaults.setCompilerOptions({
    target: ScriptTarget.ESNext,
    module: ModuleKind.ESNext,
    moduleResolution: ModuleResolutionKind.NodeJs,
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
    allowNonTsExtensions: true,
  })
  typescriptDefaults.setDiagnosticsOptions({ noSemanticValidation: false, noSyntaxValidation: false })
  typescriptDefaults.setEagerModelSync(true)
  typescriptDefaults.addExtraLib(scriptApi, 'file:///faultline.d.ts')
}

/** Monaco's own tokens, with a name of their own for what is called; a keyword after a dot is no keyword. */
function withFunctions(): languages.IMonarchLanguage {
  const name = /#?[a-z_$][\w$]*(?=\s*\()/
  const common: languages.IMonarchLanguageRule[] = [
    [/(\.)([a-zA-Z_$][\w$]*)(?=\s*\()/, ['delimiter', 'function']],
    [/(\.)([a-zA-Z_$][\w$]*)/, ['delimiter', 'identifier']],
    [name, { cases: { '@keywords': 'keyword', '@default': 'function' } }],
    ...(language.tokenizer['common'] ?? []),
  ]
  return { ...language, tokenizer: { ...language.tokenizer, common } }
}

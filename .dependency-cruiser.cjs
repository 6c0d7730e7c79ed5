// Who may import whom: the table of the design, one rule a row. Type-only imports count as well.
// `npm run rules` runs it; it fails on a breach, and when it saw no modules in one of the folders.

const npm = 'node_modules/'
const app = '^app/'

/** A rule that lets the modules in `from` import nothing but what is in `allowed`. */
function only(name, from, allowed, comment) {
  return { name, severity: 'error', comment, from: { path: from }, to: { pathNot: allowed } }
}

/** As `only`, for modules that run in Node. */
function onlyInNode(name, from, allowed, comment) {
  const rule = only(name, from, [...allowed, npm], comment)
  return { ...rule, to: { ...rule.to, dependencyTypesNot: ['core'] } }
}

/** A rule that forbids the modules in `from` to import `to`. */
function never(name, from, to, comment) {
  return { name, severity: 'error', comment, from, to }
}

/** Folders of `app` as a pattern. */
function inApp(...folders) {
  return `^app/(${folders.join('|')})/`
}

const base = inApp('base')
const upToMqtt = inApp('base', 'mqtt')
const upToQos = inApp('base', 'mqtt', 'qos')
const upToSession = inApp('base', 'mqtt', 'qos', 'session')
const lower = ['base', 'mqtt', 'qos', 'session', 'handshake', 'capture', 'faults', 'device']

const parts = 'broker|link|recorder|devices|scenarios|workspace'

module.exports = {
  forbidden: [
    only('app-base', base, [base], 'app/base imports nothing'),
    only('app-mqtt', inApp('mqtt'), [upToMqtt], 'app/mqtt imports base'),
    only('app-qos', inApp('qos'), [upToQos], 'app/qos imports base and mqtt'),
    only('app-session', inApp('session'), [upToSession], 'app/session imports base, mqtt and qos'),
    only(
      'app-middle',
      '^app/(handshake|capture|faults|device)/',
      [upToQos, '^app/$1/'],
      'app/{handshake,capture,faults,device} import base, mqtt and qos, and not one another',
    ),
    only('app-scenario', inApp('scenario'), [inApp(...lower, 'scenario')], 'app/scenario imports what is below it'),
    only(
      'app-script-api',
      inApp('script-api'),
      [inApp(...lower, 'script-api'), '^faultline$', `${npm}(valibot|cborg|protobufjs)/`],
      'app/script-api imports what is below it, its own types by the name that scripts use, valibot, and the encodings',
    ),
    only(
      'app-contract',
      inApp('contract'),
      [inApp(...lower, 'contract'), `${npm}valibot/`],
      'app/contract imports what is below it, and valibot',
    ),

    onlyInNode(
      'main-parts',
      `^main/(${parts})/`,
      [app, '^main/$1/'],
      'the parts of main import app, and never one another',
    ),
    onlyInNode(
      'main-workbench',
      '^main/workbench/',
      [app, `^main/(${parts}|workbench)/`],
      'main/workbench alone puts the parts together, and knows no host',
    ),
    onlyInNode(
      'main-hosts',
      '^main/hosts/',
      [app, '^main/(workbench|hosts)/'],
      'a host reaches the parts through the workbench only',
    ),
    never(
      'hosts-apart',
      { path: '^main/hosts/(electron|web)/' },
      { path: '^main/hosts/cli/' },
      'the command line starts the other hosts, not the other way round',
    ),
    never(
      'web-host-alone',
      { path: '^main/hosts/web/' },
      { path: '^main/hosts/electron/' },
      'the web host does not know the desktop window',
    ),
    never(
      'electron-in-its-host',
      { pathNot: '^main/hosts/electron/' },
      { path: [`${npm}electron/`, '^electron($|/)'] },
      'electron is imported in main/hosts/electron only',
    ),
    never(
      'desktop-from-outside',
      { path: '^main/hosts/', pathNot: '^main/hosts/electron/' },
      { path: '^main/hosts/electron/', pathNot: '^main/hosts/electron/(find-electron|run-desktop)\\.ts$' },
      'outside of Electron only what runs without Electron may be imported',
    ),
    never(
      'main-runtime-packages',
      { path: '^main/', pathNot: '^main/hosts/cli/build\\.mjs$' },
      { dependencyTypes: ['npm-dev'], pathNot: `${npm}electron/` },
      'a packaged program has no dev dependencies',
    ),

    only(
      'renderer',
      '^renderer/',
      [app, '^renderer/', npm],
      'the screen imports app and packages; never main, never Node',
    ),
    never(
      'renderer-features-apart',
      { path: '^renderer/features/([^/]+)/' },
      { path: '^renderer/features/', pathNot: '^renderer/features/$1/' },
      'a feature never imports another feature',
    ),
    only(
      'renderer-ui',
      '^renderer/ui/',
      ['^renderer/(ui|theme)/', `${npm}(@types/)?react(-dom)?/`],
      'renderer/ui knows no domain: only ui, theme and react',
    ),
    only(
      'renderer-theme',
      '^renderer/theme/',
      ['^renderer/theme/', `${npm}@fontsource`],
      'the theme is tokens and fonts',
    ),
    only(
      'renderer-connection',
      '^renderer/connection/',
      [app, '^renderer/connection/', npm],
      'the connection knows nothing of the screen',
    ),
    never(
      'renderer-state',
      { path: '^renderer/state/' },
      { path: '^renderer/(features|ui|theme)/' },
      'the stores know nothing of what shows them',
    ),

    only(
      'simulations',
      '^simulations/',
      ['^faultline$', '^app/script-api/'],
      'simulations import faultline, nothing else',
    ),

    never('test-from-outside', { pathNot: '^test/' }, { path: '^test/' }, 'nothing imports test'),
    never('no-circles', {}, { circular: true }, 'modules that need each other are one module'),
    never(
      'resolvable',
      { pathNot: '^(simulations|app/script-api)/' },
      { couldNotResolve: true },
      'a module that cannot be found escapes every other rule',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // TypeScript 7 has no interface for programs; without swc no module at all would be seen.
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.d.ts', '.json'],
    },
  },
}

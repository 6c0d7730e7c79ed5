import { readFile } from 'node:fs/promises'
import { scriptCompilerOptions } from '../../app/script-api/compiler-options.ts'

/**
 * What a new workspace has, by path.
 *
 * @param name of its folder
 * @param templates ends in `/`
 */
export async function initialFiles(name: string, templates: URL): Promise<Map<string, string>> {
  return new Map([
    ['package.json', json(packageOf(name))],
    ['tsconfig.json', json({ compilerOptions: scriptCompilerOptions, include: ['devices', 'scenarios', 'types'] })],
    ['faultline.json', json({ name, seed: 1, devices: { thermometer: { script: 'thermometer', count: 2 } } })],
    ['devices/thermometer.device.ts', await readFile(new URL('thermometer.device.ts', templates), 'utf8')],
    ['scenarios/lost-connection.scenario.ts', scenario],
    ['.gitignore', gitignore],
    ['.github/workflows/scenarios.yml', gitHubActions],
    ['.gitlab-ci.yml', gitLab],
  ])
}

/** Faultline is in no registry: where it lies says the environment, on each machine its own. */
const program = 'node "$FAULTLINE/main/hosts/cli/faultline.mjs"'

function packageOf(name: string): object {
  return {
    // npm's names are stricter than those of folders.
    name:
      name
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-')
        .replace(/^[._-]+/, '') || 'workspace',
    private: true,
    type: 'module',
    scripts: { start: `${program} serve .`, check: `${program} check .`, test: `${program} run scenarios` },
  }
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

const scenario = `import { scenario } from 'faultline'

// Each run has a broker of its own. Run it with: faultline run scenarios
export default scenario(
  'a thermometer that loses its connection leaves its will, and comes back',
  { seed: 1, timeout: '30s', devices: { thermometer: { script: 'thermometer' } } },
  async ({ devices, observer, link, step, expect }) => {
    const [thermometer] = devices.thermometer
    const status = await observer.subscribe('room/+/status', { qos: 1 })
    await expect(status).toReceive({ payload: 'online', retain: true })

    await step('the connection is cut', () => link(thermometer).cut())
    await expect(thermometer.will).toBePublished({ because: 'connection lost' })
    await expect(status).toReceive([{ payload: 'offline' }, { payload: 'online' }], { inOrder: true })
    await expect(thermometer).toReconnect()
  },
)
`

const gitignore = `recordings/
report.*
.faultline/
faultline-program/
`

/** Faultline is not in a registry: CI gets it where it is told that it lies. */
const gitHubActions = `# Runs the scenarios on every push. The variable FAULTLINE_REPOSITORY (Settings, Variables) is the repository of
# Faultline as owner/name.
name: scenarios
on: [push, pull_request]
jobs:
  scenarios:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/checkout@v4
        with:
          repository: \${{ vars.FAULTLINE_REPOSITORY }}
          path: faultline-program
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm ci --prefix faultline-program
      - run: node faultline-program/main/hosts/cli/faultline.mjs check .
      - run: >-
          node faultline-program/main/hosts/cli/faultline.mjs run scenarios
          --workers 2 --reporter list --reporter junit --output report.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: scenarios
          path: |
            report.xml
            recordings/
`

const gitLab = `# Runs the scenarios on every push. The variable FAULTLINE_REPOSITORY (Settings, CI/CD, Variables) is the URL of Faultline's
# repository.
scenarios:
  image: node:22
  script:
    - git clone --depth 1 "$FAULTLINE_REPOSITORY" faultline-program
    - npm ci --prefix faultline-program
    - node faultline-program/main/hosts/cli/faultline.mjs check .
    - node faultline-program/main/hosts/cli/faultline.mjs run scenarios --workers 2 --reporter list --reporter junit --output report.xml
  artifacts:
    when: always
    paths: [report.xml, recordings/]
    reports:
      junit: report.xml
`

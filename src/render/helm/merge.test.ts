// How nulls and globals pass between users, charts and the charts inside them: results of helm 4.2.1, observed.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { renderChart } from './render-chart.ts'

const TEMPLATE = 'v: {{ toJson .Values | quote }}\n'

interface Case {
  readonly title: string
  readonly root: string
  readonly child?: string
  readonly user?: string
  readonly dependencies?: string
  /** Values of the chart, and of the chart inside it. */
  readonly wanted: readonly [unknown, unknown?]
}

const CASES: readonly Case[] = [
  {
    title: 'nulls of a chart are not there',
    root: 'b: null\ng: {x: null, z: 1}',
    wanted: [{ g: { z: 1 }, global: {}, s: { global: {} } }, { global: {} }],
  },
  {
    title: 'a null of the user deletes a default, or stays where there is none',
    root: 'b: null\ng: {x: null, z: 1}\nk: {q: 1}',
    user: 'b: null\ng: {x: null, z: null}\nk: null\nu: null',
    wanted: [{ g: { x: null }, global: {}, s: { global: {} }, u: null }, { global: {} }],
  },
  {
    title: 'a null of the parent deletes no default of a child',
    root: 's: {k: null, m: {x: null}}',
    child: 'k: 1\nm: {x: 1}\nd: null',
    wanted: [
      { global: {}, s: { global: {}, k: 1, m: { x: 1 } } },
      { global: {}, k: 1, m: { x: 1 } },
    ],
  },
  {
    title: 'a null of the user does',
    root: 's: {k: 5}',
    child: 'k: 1\nm: {x: 1, z: 2}',
    user: 's: {k: null, m: {x: null}}',
    wanted: [
      { global: {}, s: { global: {}, m: { z: 2 } } },
      { global: {}, m: { z: 2 } },
    ],
  },
  {
    title: 'globals go down, the parent first',
    root: 'global: {a: 1, t: {x: 1}}',
    child: 'global: {a: 2, c: 3, t: {x: 2, z: 3}}',
    wanted: [
      { global: { a: 1, t: { x: 1 } }, s: { global: { a: 1, c: 3, t: { x: 1, z: 3 } } } },
      { global: { a: 1, c: 3, t: { x: 1, z: 3 } } },
    ],
  },
  {
    title: 'imported values rank below the own ones',
    root: 'e: own\ni: {x: own}',
    child: 'exports: {d: {e: child, f: child}}\nm: {x: child, z: child}',
    dependencies: '[{name: s, version: "*", import-values: [d, {child: m, parent: i}]}]',
    wanted: [
      {
        e: 'own',
        f: 'child',
        global: {},
        i: { x: 'own', z: 'child' },
        s: { exports: { d: { e: 'child', f: 'child' } }, global: {}, m: { x: 'child', z: 'child' } },
      },
    ],
  },
]

describe('values of charts in charts', () => {
  for (const { title, root, child = '', user = '', dependencies = '[]', wanted } of CASES) {
    test(title, () => {
      const files = {
        'Chart.yaml': `apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: ${dependencies}\n`,
        'values.yaml': `global: {}\n${root}\n`.replace(/^global: \{\}\n(?=[^]*global:)/, ''),
        'templates/b.yaml': TEMPLATE,
        'charts/s/Chart.yaml': 'apiVersion: v2\nname: s\nversion: 1.0.0\n',
        'charts/s/values.yaml': `${child}\n`,
        'charts/s/templates/a.yaml': TEMPLATE,
      }
      const { manifests } = renderChart({
        files: Object.entries(files).map(([name, text]) => ({ name, id: text, bytes: Buffer.from(text) })),
        values: { files: [{ name: 'user', bytes: Buffer.from(user) }] },
        releaseName: 'rel',
        namespace: 'ns',
        kubeVersion: '',
        apiVersions: [],
      })
      const shown = manifests.map(({ value }) => {
        const { v } = value as { readonly v: string } // what TEMPLATE writes
        return JSON.parse(v) as unknown
      })

      assert.deepEqual(shown[1], wanted[0])
      if (wanted.length > 1) assert.deepEqual(shown[0], wanted[1])
    })
  }
})

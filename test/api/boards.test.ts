// Dashboards: what is made of graphs of timeboards and of screenboards, which were there before 2019, and the pages of a list.

import { strict as assert } from 'node:assert'
import { apiSuite } from '../support/api-suite'

describe('graphs of timeboards', () => {
  const suite = apiSuite()

  async function widgetOf(graph: object): Promise<unknown> {
    suite.server.manners.push({ json: { id: 'abc-def-ghi' } })
    await suite.strict().createDashboard('t', 'd', [graph])
    return (suite.server.body['widgets'] as unknown[])[0]
  }

  const rows: [name: string, graph: object, widget: unknown][] = [
    [
      'no visualisation is a timeseries',
      { title: 'T', definition: { requests: [{ q: 'a' }] } },
      { definition: { type: 'timeseries', title: 'T', requests: [{ q: 'a' }] } },
    ],
    [
      'the look of a timeseries',
      {
        title: 'T',
        definition: {
          viz: 'timeseries',
          events: [],
          requests: [
            { q: 'a', type: 'bars', aggregator: 'avg', style: { type: 'dashed', width: 'thick', palette: 'warm' } },
          ],
        },
      },
      {
        definition: {
          type: 'timeseries',
          title: 'T',
          requests: [
            {
              q: 'a',
              aggregator: 'avg',
              display_type: 'bars',
              style: { line_type: 'dashed', line_width: 'thick', palette: 'warm' },
            },
          ],
        },
      },
    ],
    [
      'a look that has the names of today',
      {
        definition: {
          viz: 'timeseries',
          requests: [{ q: 'a', display_type: 'line', style: { line_type: 'dotted', palette: 'cool' } }],
        },
      },
      {
        definition: {
          type: 'timeseries',
          requests: [{ q: 'a', display_type: 'line', style: { line_type: 'dotted', palette: 'cool' } }],
        },
      },
    ],
    [
      'events that there are',
      { definition: { requests: [], events: [{ q: 'e' }] } },
      { definition: { type: 'timeseries', requests: [], events: [{ q: 'e' }] } },
    ],
    [
      'a map of hosts',
      {
        title: 'M',
        definition: {
          viz: 'hostmap',
          requests: [
            { q: 'a', type: 'fill' },
            { q: 'b', type: 'size' },
          ],
          noMetricHosts: false,
          noGroupHosts: true,
          scope: ['x'],
          group: ['az'],
        },
      },
      {
        definition: {
          type: 'hostmap',
          title: 'M',
          requests: { fill: { q: 'a' }, size: { q: 'b' } },
          no_metric_hosts: false,
          no_group_hosts: true,
          scope: ['x'],
          group: ['az'],
        },
      },
    ],
    [
      'a map of hosts with requests of another form',
      { definition: { viz: 'hostmap', requests: [{ q: 'a' }] } },
      { definition: { type: 'hostmap', requests: [{ q: 'a' }] } },
    ],
    [
      'a map of hosts of today',
      { definition: { viz: 'hostmap', requests: { fill: { q: 'a' } } } },
      { definition: { type: 'hostmap', requests: { fill: { q: 'a' } } } },
    ],
    ...['toplist', 'query_value', 'change', 'heatmap', 'distribution', 'of_tomorrow'].map(
      (viz): [string, object, unknown] => [
        `requests of ${viz}`,
        {
          title: 'T',
          definition: {
            viz,
            requests: [{ q: 'a', type: 'area', style: { type: 'x' }, compare_to: 'hour_before' }],
            precision: '2',
          },
        },
        {
          definition: {
            type: viz,
            title: 'T',
            requests: [{ q: 'a', type: 'area', style: { type: 'x' }, compare_to: 'hour_before' }],
            precision: '2',
          },
        },
      ],
    ),
    [
      'a widget',
      { definition: { type: 'note', content: 'x' }, layout: { x: 1 } },
      { definition: { type: 'note', content: 'x' }, layout: { x: 1 } },
    ],
    ['what is not understood', { something: 'else' }, { something: 'else' }],
    [
      'a style and requests that are none',
      { definition: { requests: ['text', { q: 'a', style: 'bold' }] } },
      { definition: { type: 'timeseries', requests: ['text', { q: 'a', style: 'bold' }] } },
    ],
    [
      'requests that are none',
      { definition: { requests: 'text' } },
      { definition: { type: 'timeseries', requests: 'text' } },
    ],
  ]
  for (const [name, graph, widget] of rows) {
    it(`become widgets: ${name}`, async () => assert.deepEqual(await widgetOf(graph), widget))
  }

  it('may be none at all: Datadog says so', async () => {
    suite.server.manners.push({ status: 400, json: { errors: ["'widgets' is invalid"] } })
    await assert.rejects(suite.strict().createDashboard('t', 'd', [null as unknown as object]), /'widgets' is invalid/)
    assert.deepEqual(suite.server.body['widgets'], [null])
  })

  it('are not changed, nor is what the program gave', async () => {
    const graph = { title: 'T', definition: { viz: 'timeseries', requests: [{ q: 'a', type: 'bars' }] } }
    const before = structuredClone(graph)
    await widgetOf(graph)
    assert.deepEqual(graph, before)
  })

  it('may be given as JSON', async () => {
    suite.server.always = { json: { id: 'abc-def-ghi' } }
    const graphs = JSON.stringify([{ definition: { viz: 'toplist', requests: [] } }])
    assert.equal(await suite.strict().createDashboard('t', 'd', graphs), 'abc-def-ghi')
    assert.deepEqual(suite.server.body['widgets'], [{ definition: { type: 'toplist', requests: [] } }])
  })

  it('go to the older endpoint as they are where the id is a number', async () => {
    suite.server.always = { json: { dash: { id: 12 } } }
    const graph = { title: 'T', definition: { viz: 'timeseries', requests: [{ q: 'a', type: 'bars' }] } }
    for (const id of [12, '12', 12n]) {
      assert.equal(await suite.strict().updateDashboard(id, 't', 'd', [graph], { templateVariables: ['host'] }), 12)
      const { verb, path, body } = suite.server.asked.at(-1) ?? {}
      assert.deepEqual([verb, path], ['PUT', '/api/v1/dash/12'])
      assert.deepEqual(body, { title: 't', description: 'd', graphs: [graph], template_variables: ['host'] })
    }
  })

  it('come with variables by name, or as the API has them', async () => {
    suite.server.always = { json: { id: 'abc-def-ghi' } }
    const templateVariables = ['host', { name: 'env', prefix: 'env', defaults: ['prod'] }]
    await suite.strict().createDashboard('t', 'd', [], { templateVariables })
    await suite.strict().updateDashboard('abc-def-ghi', 't', 'd', [])
    const [made, changed] = suite.server.asked.map(({ body }) => body as Record<string, unknown>)
    assert.deepEqual(made?.['template_variables'], [
      { name: 'host' },
      { name: 'env', prefix: 'env', defaults: ['prod'] },
    ])
    assert.deepEqual(changed, {
      title: 't',
      description: 'd',
      layout_type: 'ordered',
      widgets: [],
      template_variables: [],
    })
  })
})

describe('screenboards', () => {
  const suite = apiSuite()

  async function sent(description: Record<string, unknown>): Promise<Record<string, unknown>> {
    suite.server.manners.push({ json: { id: 'abc-def-ghi' } })
    await suite.strict().createScreenboard(description)
    return suite.server.body
  }

  const place = { x: 1, y: 2, width: 30, height: 20 }

  it('become dashboards: title, size, variables', async () => {
    const description = {
      board_title: 'B',
      description: 'd',
      width: 1024,
      height: 768,
      read_only: true,
      template_variables: ['host', { name: 'env' }],
      widgets: [],
      notify_list: ['a'],
    }
    assert.deepEqual(await sent(description), {
      title: 'B',
      description: 'd',
      layout_type: 'free',
      widgets: [],
      template_variables: [{ name: 'host' }, { name: 'env' }],
      notify_list: ['a'],
    })
    assert.deepEqual(await sent({ title: 'T', widgets: [] }), { title: 'T', layout_type: 'free', widgets: [] })
  })

  it('are left alone where they are dashboards already', async () => {
    const board = {
      title: 'T',
      layout_type: 'ordered',
      widgets: [{ x: 1, type: 'note' }],
      width: 5,
      template_variables: ['a'],
    }
    assert.deepEqual(await sent(board), board)
  })

  const tiles: [name: string, tile: unknown, widget: unknown][] = [
    [
      'a graph',
      {
        ...place,
        type: 'timeseries',
        title: true,
        title_text: 'Load',
        title_size: 16,
        title_align: 'left',
        timeframe: '4h',
        legend: false,
        tile_def: { viz: 'timeseries', requests: [{ q: 'a', type: 'area' }], events: [] },
      },
      {
        layout: place,
        definition: {
          type: 'timeseries',
          title: 'Load',
          title_size: '16',
          title_align: 'left',
          time: { live_span: '4h' },
          legend: false,
          requests: [{ q: 'a', display_type: 'area' }],
        },
      },
    ],
    [
      'a graph that says what it is only once',
      { ...place, type: 'hostmap', tile_def: { requests: [{ q: 'a', type: 'fill' }] } },
      { layout: place, definition: { type: 'hostmap', requests: { fill: { q: 'a' } } } },
    ],
    [
      'a picture',
      { ...place, type: 'image', url: 'https://example.com/a.png' },
      { layout: place, definition: { type: 'image', url: 'https://example.com/a.png' } },
    ],
    [
      'a heading that is one',
      { ...place, type: 'note', title: 'Heading', html: 'x' },
      { layout: place, definition: { type: 'note', title: 'Heading', html: 'x' } },
    ],
    [
      'a heading that is switched off',
      { ...place, type: 'note', title: false },
      { layout: place, definition: { type: 'note' } },
    ],
    ['a time that is none', { ...place, type: 'note', timeframe: 5 }, { layout: place, definition: { type: 'note' } }],
    [
      'a widget of today',
      { definition: { type: 'note' }, layout: place },
      { definition: { type: 'note' }, layout: place },
    ],
    ['what is no object', 'text', 'text'],
  ]
  for (const [name, tile, widget] of tiles) {
    it(`have tiles, which become widgets: ${name}`, async () => {
      assert.deepEqual((await sent({ board_title: 'B', widgets: [tile] }))['widgets'], [widget])
    })
  }

  it('keep what is not understood', async () => {
    assert.deepEqual(await sent({ board_title: 'B', widgets: 'text', template_variables: 'text' }), {
      title: 'B',
      layout_type: 'free',
      widgets: 'text',
      template_variables: 'text',
    })
  })

  it('go to the older endpoint as they are where the id is a number', async () => {
    const description = { board_title: 'B', widgets: [{ ...place, type: 'note' }] }
    for (const call of ['updateScreenboard', 'getScreenboard', 'deleteScreenboard', 'shareScreenboard'] as const) {
      for (const id of [77, 'abc-def-ghi']) {
        suite.server.manners.push({ json: { dashboard_id: id, board_id: id, public_url: 'https://p/' } })
        await suite.strict()[call](id, description)
      }
    }
    assert.deepEqual(suite.server.lines, [
      'PUT /api/v1/screen/77',
      'PUT /api/v1/dashboard/abc-def-ghi',
      'GET /api/v1/screen/77',
      'GET /api/v1/dashboard/abc-def-ghi',
      'DELETE /api/v1/screen/77',
      'DELETE /api/v1/dashboard/abc-def-ghi',
      'POST /api/v1/screen/share/77',
      'POST /api/v1/dashboard/public',
    ])
    const [old, today] = suite.server.asked.map(({ body }) => body)
    assert.deepEqual(old, description)
    assert.deepEqual((today as { layout_type?: string }).layout_type, 'free')
  })
})

describe('the list of dashboards', () => {
  const suite = apiSuite()

  const boards = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => ({
      id: `id-${from + n}`,
      title: `Board ${from + n}`,
      layout_type: (from + n) % 2 === 0 ? 'ordered' : 'free',
    }))

  for (const [count, requests] of [
    [0, 1],
    [99, 1],
    [100, 2],
    [250, 3],
  ] as const) {
    it(`has all of ${count}, by ${requests} requests`, async () => {
      suite.server.always = ({ query }) => {
        const start = Number(query['start'])
        return { json: { dashboards: boards(start, Math.min(count, start + Number(query['count']))) } }
      }
      const ordered = await suite.strict().dashboards()
      assert.equal(suite.server.asked.length, requests)
      const free = await suite.strict().getAllScreenboards()
      assert.equal(ordered.length + free.length, count)
      assert.equal(new Set([...ordered, ...free].map(({ id }) => id)).size, count)
      assert.deepEqual([...new Set(ordered.map((board) => board.layout_type))], count === 0 ? [] : ['ordered'])
    })
  }

  it('ends where the server does not know of pages, and has each of them once', async () => {
    suite.server.always = { json: { dashboards: boards(0, 100) } }
    assert.equal((await suite.strict().dashboards()).length, 50)
    assert.equal(suite.server.asked.length, 2)
  })

  it('has a board once that a new one has pushed to the next page', async () => {
    suite.server.manners.push({ json: { dashboards: boards(0, 100) } }, { json: { dashboards: boards(98, 110) } })
    assert.equal((await suite.strict().dashboards()).length, 55)
  })

  it('fails where one of its pages does, and is no part of itself', async () => {
    suite.server.manners.push({ json: { dashboards: boards(0, 100) } }, { status: 403, json: { errors: ['no more'] } })
    assert.deepEqual(await suite.client().dashboards(), { errors: ['no more'] })
  })
})

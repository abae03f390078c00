// The Agent adds a container's tags only if it is told which one; the fixtures are /proc/self/cgroup files of the systems that
// Datadog's tracers know.

import { strict as assert } from 'node:assert'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { containerHeaders } from '../../src/export/container-id'

const docker = '3726184226f5d3147c25fdeab5b60097e378e8a720503a5e19ecfdf29f869860'
const uuid = '34dc0b5e-626f-2c5c-4c51-70e34b10e765'
const garden = '6f265890-5165-7fab-6b52-18d1'
const task = '432624d2150b349fe35ba397284dea78-'.concat('1234567890')

const table: [title: string, cgroup: string, id: string][] = [
  ['Docker', `13:name=systemd:/docker/${docker}\n12:pids:/docker/${docker}\n`, docker],
  ['Kubernetes', `11:perf_event:/kubepods/besteffort/pod3d274242-8ee0-11e9-a8a6-1e68d864ef1a/${docker}`, docker],
  [
    'Kubernetes with systemd',
    `1:cpu:/kubepods.slice/kubepods-pod2d3da189_6407_48e3_9ab6_78188d75e609.slice/docker-${docker}.scope`,
    docker,
  ],
  ['containerd', `0::/system.slice/cri-containerd-${docker}.scope`, docker],
  ['ECS', `9:perf_event:/ecs/haissam-ecs-classic/5a0d5ceddf6c44c1928d367a815d890f/${docker}`, docker],
  ['Fargate 1.3', `11:hugetlb:/ecs/55091c13-b8cf-4801-b527-f4601742204d/${docker}`, docker],
  ['Fargate 1.4', `11:hugetlb:/ecs/432624d2150b349fe35ba397284dea78/${task}`, task],
  ['a UUID', `1:name=systemd:/user.slice/${uuid}`, uuid],
  ['a UUID with underlines', `1:name=systemd:/${uuid.replaceAll('-', '_')}`, uuid.replaceAll('-', '_')],
  ['Garden', `1:name=systemd:/system.slice/garden.service/garden/${garden}`, garden],
  ['an id on a later line', `2:cpu:/\n1:name=systemd:/docker/${docker}`, docker],
]

describe('the headers that name the container', () => {
  let folder: string
  let cgroupFile: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dd-cgroup-'))
    cgroupFile = join(folder, 'cgroup')
    mkdirSync(join(folder, 'root', 'user.slice'), { recursive: true })
  })
  after(() => rmSync(folder, { recursive: true }))

  const headersOf = (cgroup: string, root = join(folder, 'root')) => {
    writeFileSync(cgroupFile, cgroup)
    return containerHeaders(folder, root)
  }
  const inodeOf = (path: string) => `in-${statSync(join(folder, 'root', path)).ino}`

  for (const [title, cgroup, id] of table) {
    it(`know ${title}`, () => {
      assert.deepEqual(headersOf(cgroup), { 'Datadog-Container-ID': id, 'Datadog-Entity-ID': `ci-${id}` })
    })
  }

  for (const almost of [docker.slice(1), docker.replace(/^./, 'g'), `${docker}/deeper`, 'app.service']) {
    it(`do not take ${almost.slice(-20)} for an id`, () => {
      assert.equal(headersOf(`1:cpu:/docker/${almost}`)['Datadog-Container-ID'], undefined)
    })
  }

  it('name the inode of the cgroup where there is no id', () => {
    assert.deepEqual(headersOf('0::/user.slice\n'), { 'Datadog-Entity-ID': inodeOf('user.slice') })
    assert.deepEqual(headersOf('0::/user.slice\n1:cpu:/other'), { 'Datadog-Entity-ID': inodeOf('user.slice') })
  })

  it('name the inode of the root where the container sees itself as the root', () => {
    assert.deepEqual(headersOf('0::/\n'), { 'Datadog-Entity-ID': inodeOf('/') })
  })

  it('are missing on a host, whose root has the inode 1', function () {
    // /proc is such a root on every Linux.
    if (process.platform !== 'linux' || statSync('/proc').ino !== 1) return this.skip()
    assert.deepEqual(headersOf('0::/', '/proc'), {})
  })

  for (const [title, cgroup] of [
    ['an empty file', ''],
    ['a file of another kind', 'hello'],
    ['a folder that is gone', '0::/gone'],
  ] as const) {
    it(`are missing where there is ${title}`, () => assert.deepEqual(headersOf(cgroup), {}))
  }

  it('are missing where there is no such file', () => {
    assert.deepEqual(containerHeaders(join(folder, 'nothing'), folder), {})
  })
})

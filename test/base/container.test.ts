// What is not in /proc/self/cgroup: the id in a mounted `hostname`, and whether the process is in a container at all. The ids of
// /proc/self/cgroup are in test/export/container-id.test.ts.

import { strict as assert } from 'node:assert'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findContainer } from '../../src/base/container'

const id = '3726184226f5d3147c25fdeab5b60097e378e8a720503a5e19ecfdf29f869860'

describe('the container', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dd-container-'))
    mkdirSync(join(folder, 'root', 'memory', 'docker'), { recursive: true })
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const find = (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    return findContainer(folder, join(folder, 'root'))
  }

  for (const [engine, path] of [
    ['Docker', `/var/lib/docker/containers/${id}/hostname`],
    ['Podman', `/run/containers/storage/overlay-containers/${id}/userdata/hostname`],
  ]) {
    it(`is named by the mounts of ${engine}`, () => {
      const mountinfo = `1 0 0:1 / / rw - overlay overlay rw\n2 1 8:1 ${path} /etc/hostname rw - ext4 /dev/sda1 rw`
      assert.deepEqual(find({ cgroup: '0::/', mountinfo }), { id })
    })
  }

  it('is not the sandbox around it', () => {
    const mountinfo = `2 1 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${id}/hostname /etc/hostname rw - ext4 /dev/sda1 rw`
    assert.deepEqual(find({ cgroup: '1:cpu:/gone', mountinfo }), {})
  })

  it('is that of its memory, where each controller has a tree', () => {
    const { ino } = statSync(join(folder, 'root', 'memory', 'docker'))
    assert.deepEqual(find({ cgroup: '2:cpu:/docker\n1:memory:/docker' }), { inode: ino })
  })

  it('is none in the namespace of the host', function () {
    if (process.platform !== 'linux' || statSync('/proc/self/ns/cgroup').ino !== 0xeffffffb) return this.skip()
    assert.equal(findContainer().inode, undefined)
  })
})

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Check, diagnose } from '../../sandbox/doctor/diagnose.ts'
import { DISTRIBUTIONS, parseRelease } from '../../sandbox/doctor/distribution.ts'
import { findFacts, type MachineFacts } from '../../sandbox/doctor/facts.ts'
import { REMEDIES } from '../../sandbox/doctor/remedies.ts'
import { type Gpu, parseGpus } from '../../sandbox/gpu/smi.ts'
import { scratch } from '../support/scratch.ts'

suite('which distribution', () => {
  const ROWS: { id: string; text: string; distribution: string; name: string }[] = [
    {
      id: 'Debian 12',
      text: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
      distribution: 'debian',
      name: 'Debian GNU/Linux 12 (bookworm)',
    },
    {
      id: 'Ubuntu 24.04, which is like Debian',
      text: 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n',
      distribution: 'ubuntu',
      name: 'Ubuntu 24.04.1 LTS',
    },
    {
      id: 'Mint, which is like Ubuntu and Debian',
      text: 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\nPRETTY_NAME="Linux Mint 22"\n',
      distribution: 'ubuntu',
      name: 'Linux Mint 22',
    },
    {
      id: 'Fedora 41',
      text: 'NAME="Fedora Linux"\nVERSION="41 (Workstation Edition)"\nID=fedora\nPRETTY_NAME="Fedora Linux 41 (Workstation Edition)"\n',
      distribution: 'fedora',
      name: 'Fedora Linux 41 (Workstation Edition)',
    },
    {
      id: 'Rocky, by what it is like',
      text: 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="Rocky Linux 9.4"\n',
      distribution: 'fedora',
      name: 'Rocky Linux 9.4',
    },
    {
      id: 'Arch',
      text: 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n',
      distribution: 'arch',
      name: 'Arch Linux',
    },
    { id: 'Manjaro', text: "NAME='Manjaro Linux'\nID=manjaro\nID_LIKE=arch\n", distribution: 'arch', name: 'Manjaro Linux' },
    { id: 'NixOS', text: 'ID=nixos\nPRETTY_NAME="NixOS 24.11"\n', distribution: 'other', name: 'NixOS 24.11' },
    { id: 'no such file', text: '', distribution: 'other', name: 'unknown' },
  ]
  for (const { id, text, ...release } of ROWS) test(id, () => assert.deepEqual(parseRelease(text), release))
})

suite('which GPUs', () => {
  const ROWS: { id: string; text: string; gpus: (string | number | boolean | null)[][] }[] = [
    {
      id: 'one',
      text: 'NVIDIA H200, 570.86.15, 143771, 9.0, Disabled\n',
      gpus: [['NVIDIA H200', '570.86.15', 143_771, '9.0', false]],
    },
    {
      id: 'two, one of them split',
      text: 'NVIDIA A100-SXM4-40GB, 550.54.15, 40960, 8.0, Enabled\nNVIDIA GeForce RTX 4090, 550.54.15, 24564, 8.9, [N/A]\n',
      gpus: [
        ['NVIDIA A100-SXM4-40GB', '550.54.15', 40_960, '8.0', true],
        ['NVIDIA GeForce RTX 4090', '550.54.15', 24_564, '8.9', false],
      ],
    },
    {
      id: 'a driver that knows less',
      text: 'Tesla K80, 470.223.02, 11441\n',
      gpus: [['Tesla K80', '470.223.02', 11_441, null, false]],
    },
    {
      id: 'memory that is not told',
      text: 'NVIDIA GB10, 580.95.05, [N/A], 12.1, [N/A]\n',
      gpus: [['NVIDIA GB10', '580.95.05', null, '12.1', false]],
    },
    { id: 'no driver', text: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n", gpus: [] },
    { id: 'no devices', text: 'No devices were found\n', gpus: [] },
    { id: 'an unknown question', text: 'Field "compute_cap" is not a valid field to query.\n', gpus: [] },
    { id: 'nothing', text: '', gpus: [] },
  ]
  for (const { id, text, gpus } of ROWS) {
    test(id, () =>
      assert.deepEqual(
        parseGpus(text).map(({ name, driver, memoryMib, computeCapability, mig }) => [
          name,
          driver,
          memoryMib,
          computeCapability,
          mig,
        ]),
        gpus,
      ),
    )
  }
})

const H200: Gpu = {
  ...{ name: 'NVIDIA H200', driver: '570.86.15', memoryMib: 143_771, computeCapability: '9.0', mig: false },
  ...{ index: 0, uuid: 'GPU-1', bus: '00000000:0F:00.0' },
}
/** A machine without one. */
const NO_GPU = { list: [], slices: [], cardWithoutDriver: false, devices: [], closed: [] }

const WELL: MachineFacts = {
  node: '24.1.0',
  release: { distribution: 'ubuntu', name: 'Ubuntu 24.04.1 LTS' },
  bubblewrap: { version: '0.9.0', problem: null },
  namespaces: { works: true, said: '', restrictedByAppArmor: true },
  compiler: '13.2.0',
  sanitizers: true,
  gcov: '/usr/bin/gcov',
  cgroups: { memory: 'cgroup-v2', tasks: 'cgroup-v2', watchable: true },
  disk: { folder: '/home/ada/.cache/kernelswarm', freeBytes: 50 * 1024 ** 3, writable: true },
  nvcc: { version: '13.0', root: '/usr/local/cuda-13.0', runtime: true, checker: true, archs: ['sm_75', 'sm_90', 'sm_120'] },
  gpus: { list: [H200], slices: [], cardWithoutDriver: false, devices: ['nvidia-uvm', 'nvidia0', 'nvidiactl'], closed: [] },
}

suite('what the doctor says', () => {
  const ROWS: { id: string; change: Partial<MachineFacts>; name: string; state: Check['state']; types: RegExp | null }[] = [
    { id: 'an old Node', change: { node: '20.11.0' }, name: 'node', state: 'lack', types: /^npm ci/ },
    { id: 'a Node just new enough', change: { node: '22.18.0' }, name: 'node', state: 'ok', types: null },
    {
      id: 'no bubblewrap',
      change: { bubblewrap: null },
      name: 'bubblewrap',
      state: 'lack',
      types: /apt-get install -y bubblewrap/,
    },
    {
      id: 'an old bubblewrap',
      change: { bubblewrap: { version: '0.3.1', problem: 'too old' } },
      name: 'bubblewrap',
      state: 'lack',
      types: /apt-get update/,
    },
    {
      id: 'AppArmor in the way',
      change: { namespaces: { works: false, said: 'setting up uid map: Permission denied', restrictedByAppArmor: true } },
      name: 'user namespaces',
      state: 'lack',
      types: /apparmor-profiles[\s\S]*bwrap-userns-restrict[\s\S]*apparmor_parser -r/,
    },
    {
      id: 'no namespaces for users',
      change: { namespaces: { works: false, said: 'No permissions to create new namespace', restrictedByAppArmor: false } },
      name: 'user namespaces',
      state: 'lack',
      types: /user\.max_user_namespaces/,
    },
    {
      id: 'namespaces that cannot be tried',
      change: { namespaces: { works: null, said: '', restrictedByAppArmor: false } },
      name: 'user namespaces',
      state: 'lack',
      types: null,
    },
    {
      id: 'no sanitizers',
      change: { sanitizers: false, release: { distribution: 'fedora', name: 'Fedora Linux 42' } },
      name: 'sanitizers',
      state: 'optional',
      types: /dnf install -y libasan libubsan/,
    },
    { id: 'no gcov', change: { gcov: null }, name: 'gcov', state: 'optional', types: /apt-get install -y g\+\+/ },
    { id: 'no compiler', change: { compiler: null }, name: 'g++', state: 'lack', types: /apt-get install -y g\+\+/ },
    {
      id: 'no cgroups',
      change: { cgroups: { memory: null, tasks: null, watchable: true } },
      name: 'cgroups',
      state: 'optional',
      types: /systemd-run --user --scope -p Delegate=yes/,
    },
    {
      id: 'a full disk',
      change: { disk: { folder: '/x', freeBytes: 1024 ** 3, writable: true } },
      name: 'disk',
      state: 'lack',
      types: /XDG_CACHE_HOME/,
    },
    {
      id: 'a disk that is not ours',
      change: { disk: { folder: '/x', freeBytes: 50 * 1024 ** 3, writable: false } },
      name: 'disk',
      state: 'lack',
      types: /XDG_CACHE_HOME/,
    },
    { id: 'no nvcc', change: { nvcc: null }, name: 'nvcc', state: 'optional', types: /nvidia-cuda-toolkit/ },
    {
      id: 'a card without a driver',
      change: { gpus: { ...NO_GPU, cardWithoutDriver: true } },
      name: 'gpu',
      state: 'optional',
      types: /ubuntu-drivers/,
    },
    {
      id: 'files of a GPU that may not be opened',
      change: { gpus: { ...WELL.gpus, devices: [], closed: ['nvidia0', 'nvidiactl'] } },
      name: 'gpu',
      state: 'optional',
      types: /chmod/,
    },
    {
      id: 'no file for unified memory',
      change: { gpus: { ...WELL.gpus, devices: ['nvidia0', 'nvidiactl'] } },
      name: 'gpu',
      state: 'optional',
      types: /nvidia-modprobe/,
    },
    {
      id: 'a split card without a slice',
      change: { gpus: { ...WELL.gpus, list: [{ ...H200, mig: true }] } },
      name: 'gpu',
      state: 'optional',
      types: /mig -cgi/,
    },
    {
      id: 'nvcc without its runtime',
      change: { nvcc: { version: '13.0', root: '/usr', runtime: false, checker: true, archs: [] } },
      name: 'gpu',
      state: 'optional',
      types: /nvidia-cuda-dev/,
    },
    {
      id: 'nvcc older than the GPU',
      change: { nvcc: { version: '11.5', root: '/usr', runtime: true, checker: true, archs: ['sm_35', 'sm_86'] } },
      name: 'gpu',
      state: 'optional',
      types: /cuda-toolkit-archive/,
    },
    {
      id: 'files that Debian gives to a group',
      change: {
        gpus: { ...WELL.gpus, devices: [], closed: ['nvidia0', 'nvidiactl'] },
        release: { distribution: 'debian', name: 'Debian GNU/Linux 12' },
      },
      name: 'gpu',
      state: 'optional',
      types: /usermod -aG video/,
    },
    {
      id: 'several GPUs',
      change: { gpus: { ...WELL.gpus, list: [H200, { ...H200, index: 1, uuid: 'GPU-2' }] } },
      name: 'gpu',
      state: 'ok',
      types: null,
    },
    {
      id: 'no compute-sanitizer',
      change: { nvcc: { version: '13.0', root: '/usr', runtime: true, checker: false, archs: [] } },
      name: 'compute-sanitizer',
      state: 'optional',
      types: /nvidia-cuda-toolkit/,
    },
  ]
  for (const { id, change, name, state, types } of ROWS) {
    test(id, () => {
      const checks = diagnose({ ...WELL, ...change })
      const check = checks.find((one) => one.name === name)
      assert.equal(check?.state, state)
      if (types === null) assert.deepEqual(check?.remedy, [])
      else assert.match(check?.remedy.join('\n') ?? '', types)
      assert.deepEqual(
        checks.filter((one) => one.name !== name && one.state !== 'ok'),
        [],
      )
    })
  }

  test('nothing to do on a machine that has it all', () => {
    for (const { name, state, remedy } of diagnose(WELL)) assert.deepEqual([state, remedy], ['ok', []], name)
  })

  test('a line to type for every lack, on every distribution', () => {
    for (const [ailment, remedy] of Object.entries(REMEDIES)) {
      for (const name of [...DISTRIBUTIONS, 'other'] as const) assert.ok(remedy[name].length > 0, `${ailment} on ${name}`)
    }
  })

  test('this machine, with a cache folder that is not made yet', async (t) => {
    const facts = await findFacts(`${await scratch(t)}/not/yet`)
    assert.equal(facts.node, process.versions.node)
    assert.equal(facts.namespaces.works, true)
    assert.ok(facts.bubblewrap?.problem === null && facts.compiler !== null)
    assert.ok(facts.disk?.writable && facts.disk.freeBytes > 0)
  })
})

test('sanitizers are no use where nothing could hold their memory', () => {
  const checks = diagnose({ ...WELL, cgroups: { memory: null, tasks: null, watchable: false } })
  const found = checks.find(({ name }) => name === 'sanitizers')
  assert.equal(found?.state, 'optional')
  assert.match(found?.remedy.join('\n') ?? '', /Delegate=yes/)
})

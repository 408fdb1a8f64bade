/** Who may know whom: the rooms of docs/architecture.md. A crossing that is not allowed fails `npm run lint`. */
const only = (room, allowed) => ({
  name: `${room}-knows-only-${allowed.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: { path: '^(bin|protocol|sandbox|node|coordinator|test)/', pathNot: `^(${[room, ...allowed].join('|')})/` },
})
/** A room is entered by its face, index.ts, from any other room (tests may look inside). */
const face = (room) => ({
  name: `${room}-by-its-face`,
  severity: 'error',
  from: { pathNot: `^(${room}|test)/` },
  to: { path: `^${room}/`, pathNot: `^${room}/index\\.ts$` },
})
/** Who audits shares nothing with those that decide: it reads, compares and counts by itself. */
const apart = [
  {
    name: 'audit-knows-nothing-that-decides',
    severity: 'error',
    from: { path: '^coordinator/audit/' },
    to: { path: '^(bin|sandbox|node|coordinator|test)/', pathNot: '^coordinator/audit/' },
  },
  {
    name: 'audit-by-its-face',
    severity: 'error',
    from: { path: '^coordinator/', pathNot: '^coordinator/audit/' },
    to: { path: '^coordinator/audit/', pathNot: '^coordinator/audit/index\\.ts$' },
  },
]
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('protocol', []),
    only('sandbox', ['protocol']),
    only('node', ['sandbox', 'protocol']),
    only('coordinator', ['protocol']),
    only('bin', ['protocol', 'node', 'coordinator']),
    ...apart,
    ...['protocol', 'sandbox', 'node', 'coordinator'].map(face),
  ],
  options: { doNotFollow: { path: 'node_modules' }, tsConfig: { fileName: 'tsconfig.json' }, tsPreCompilationDeps: true },
}

/** Import direction: spec <- sim, impl, reports <- scenarios <- test. The compiler enforces the same by project references. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: '^(spec|sim|impl|reports|scenarios|test)/', pathNot: allowed.map((a) => `^${a}/`) },
});
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('spec-imports-nothing', 'spec', ['spec']),
    only('sim-imports-spec', 'sim', ['sim', 'spec']),
    only('impl-imports-spec', 'impl', ['impl', 'spec']),
    only('reports-imports-spec', 'reports', ['reports', 'spec']),
    only('scenarios-know-both', 'scenarios', ['scenarios', 'sim', 'impl', 'spec', 'reports']),
    {
      name: 'pure-no-node',
      severity: 'error',
      from: { path: '^(spec|sim|impl/(core|wire|engine))/', pathNot: '^sim/node/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sim-runs-without-node',
      severity: 'error',
      from: { path: '^sim/', pathNot: '^sim/node/' },
      to: { path: '^sim/node/' },
    },
    {
      name: 'sim-knows-the-port-only',
      severity: 'error',
      from: { path: '^sim/' },
      to: { path: '^spec/', pathNot: '^spec/platform' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    exclude: '^(dist|\\.build|node_modules)',
  },
};

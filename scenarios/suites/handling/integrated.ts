/** Several handlers behind one: who gets what, level by level. */
import * as fc from 'fast-check';
import { ComplexCustomizeHandler } from '../../../impl/index.ts';
import type { CustomizeHandler, IntegratedCustomizeHandler } from '../../../impl/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';

type Tree = { readonly from: number; readonly to: number } | { readonly children: readonly Tree[] };

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree; leaf: Tree }>((tie) => ({
  leaf: fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 10 })).map(([from, length]) => ({ from, to: from + length })),
  tree: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    tie('leaf'),
    fc.record({ children: fc.array(tie('tree'), { maxLength: 4 }) }),
  ),
})).tree;

export const integrated: readonly AnyScenario[] = [
  scenario({
    id: 'HDL-8E3N',
    title:
      'a handler made of handlers gives each item to the first that can take it, however deep, and throws for the rest',
    clauses: ['HDL-030', 'HDL-031', 'HDL-034'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        children: fc.array(tree, { maxLength: 4 }),
        items: fc.array(fc.record({ type: fc.nat({ max: 45 }), isQuery: fc.boolean() }), {
          minLength: 1,
          maxLength: 10,
        }),
      }),
    async run(stage, { children, items }) {
      const taken: string[] = [];
      let names = 0;
      const inOrder: { readonly name: string; readonly from: number; readonly to: number }[] = [];
      const build = (each: Tree, recorded: CustomizeHandler): IntegratedCustomizeHandler => {
        if ('children' in each)
          return new ComplexCustomizeHandler(each.children.map((child) => build(child, recorded)));
        const name = `h${names++}`;
        inOrder.push({ name, ...each });
        return {
          canHandle: (type) => type >= each.from && type <= each.to,
          handleInformation: (source, type, info) => {
            taken.push(`${name} ${type}`);
            return recorded.handleInformation(source, type, info);
          },
          handleQuery: (_source, type, info) => {
            taken.push(`${name} ${type}`);
            return info;
          },
        };
      };
      const server = await stage.server({
        wrapHandler: (recorded) => new ComplexCustomizeHandler(children.map((child) => build(child, recorded))),
      });
      const alice = await stage.loggedOn(server, 'alice');
      const expected: string[] = [];
      for (const { isQuery, type } of items) {
        const own = inOrder.find(({ from, to }) => type >= from && type <= to);
        if (own !== undefined) expected.push(`${own.name} ${type}`);
        const info = stage.payload();
        if (!isQuery) await alice.send(null, type, info);
        else if (own === undefined) {
          await stage.rejects(alice.query(null, type, info), 'E_HANDLING', 'HDL-034', 'a query of nobody was answered');
        } else stage.equal(await alice.query(null, type, info), info, 'HDL-031', 'the answer was changed');
      }
      await alice.basic({ verb: 'ping' });
      stage.equal(taken, expected, 'HDL-031', 'other handlers were called');
      stage.equal(await alice.connected(), true, 'HDL-034', 'an item for nobody cost alice her connection');
    },
  }),
];

/** The scene `punch`: plain UDP hole punching between two hosts behind routers, the run that a cell of the 9 x 9 table is. */
import type { Internet, World } from '../../sim/index.ts';
import type { Place } from '../nat/place.ts';
import { punchUdp } from '../nat/punch-udp.ts';
import type { DemoPlan, RouterName } from './plan.ts';
import { DemoStage, routerBehaviour } from './stage.ts';

/** Plays it; it takes 5 s of simulated time. @param onWorld - Shown the world before anything happens. */
export function playPunch(plan: DemoPlan, onWorld: (world: World) => void): DemoStage {
  const placeOf = (router: RouterName): Place => ({
    // A copy of its own, so that another class can take its place.
    nats: router === 'none' ? [] : [{ ...routerBehaviour(router, plan.reading) }],
  });
  const [a, b] = [placeOf(plan.left), placeOf(plan.right)];
  let stage: DemoStage | undefined;
  const { isDirect } = punchUdp(a, b, {
    seed: plan.seed,
    onWorld: (world: World, internet: Internet) => {
      onWorld(world);
      stage = new DemoStage(world, plan.reading, internet);
      if (a.nats[0] !== undefined) stage.adopt('a-nat0', a.nats[0]);
      if (b.nats[0] !== undefined) stage.adopt('b-nat0', b.nats[0]);
      for (const host of ['a', 'b']) stage.tell(host, 'asks the server how it is seen from outside', 'asks the server');
      stage.plan(plan.faults);
    },
  });
  const state = isDirect ? 'direct' : 'no direct way';
  const text = isDirect ? 'heard an answer to a probe: direct' : 'heard no answer to any of its probes: no direct way';
  for (const host of ['a', 'b']) stage!.tell(host, text, state);
  return stage!;
}

/**
 * The connecting side of the platform room: TCP, challenge, proof, and then a link in use (CLU-003).
 *
 * One attempt; whoever wants another makes it. Drive it: `dialPlatform(options, owner)`; `handleUp` or `handleDown` follows.
 */
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { PlatformPurpose } from '../../../spec/errors.ts';
import { helloProof } from '../../core/cluster/hello-proof.ts';
import { codecs, encodeUtf8 } from '../../wire/index.ts';
import type { FrameLimits, FrameView } from '../../wire/index.ts';
import { platformSilenceSecs } from '../../../spec/timing.ts';
import { secsToMicros } from '../settings.ts';
import { PlatformLink } from './platform-link.ts';

export type DialOptions = {
  readonly platform: Platform;
  readonly limits: FrameLimits;
  readonly remote: Endpoint;
  readonly secret: string;
  readonly purpose: (typeof PlatformPurpose)[keyof typeof PlatformPurpose];
  /** -1 from outside. */
  readonly serverID: number;
  readonly instanceID: number;
  readonly waitMicros: number;
};

export type DialOwner = {
  /** The platform server has accepted. */
  handleUp(): void;
  handleMessage(frame: FrameView): boolean;
  /** No connection, refused, or ended later. */
  handleDown(detail: string): void;
};

/** Bytes that may wait for a platform server that does not read. Ours: a busy second of a fast link. */
const QUEUED_BYTES_MAX = 67_108_864;

/** Starts one attempt. */
export function dialPlatform(options: DialOptions, owner: DialOwner): PlatformLink {
  const { platform, limits, remote, waitMicros } = options;
  let isUp = false;
  const link: PlatformLink = new PlatformLink(
    { platform, side: 'member', limits, waitMicros, queuedBytesMax: QUEUED_BYTES_MAX },
    {
      handleConnected: () => link.watchSilence(secsToMicros(platformSilenceSecs)),
      handleMessage: (frame) => {
        if (isUp) return owner.handleMessage(frame);
        if (frame.messageType !== MessageType.PlatformChallenge) return false;
        const challenge = codecs.PlatformChallengeContract.decode(frame.body());
        if (!challenge.ok || challenge.value.Nonce === null) return false;
        sayHello(link, options, challenge.value.Nonce, (refusal) => {
          if (refusal === null) {
            isUp = true;
            // Only a server reports regularly; the others may have nothing to say for long.
            if (options.purpose !== PlatformPurpose.Application) link.watchSilence(Infinity);
            owner.handleUp();
          } else {
            link.close();
            owner.handleDown(refusal);
          }
        });
        return true;
      },
      handleDown: (detail) => owner.handleDown(detail),
    },
  );
  const timeoutMicros = secsToMicros(platformSilenceSecs);
  link.attach(platform.connectTcp({ remote, timeoutMicros }, link));
  return link;
}

/** @param onAnswer - Null: accepted; not called when the link ends first. */
function sayHello(
  link: PlatformLink,
  options: DialOptions,
  nonce: Uint8Array,
  onAnswer: (refusal: string | null) => void,
): void {
  const { secret, purpose, serverID, instanceID } = options;
  const isOpenToAll = purpose === PlatformPurpose.Lookup;
  const key = encodeUtf8(secret) ?? new Uint8Array(0);
  link.ask({
    messageType: MessageType.PlatformHello,
    codec: codecs.PlatformHelloContract,
    value: {
      InstanceID: instanceID,
      Proof: isOpenToAll ? null : helloProof(key, { nonce, purpose, serverID, instanceID }),
      Purpose: purpose,
      ServerID: serverID,
    },
    onReply: (frame) => {
      if (frame === undefined) return;
      const result = codecs.PlatformResultContract.decode(frame.body());
      if (!result.ok) onAnswer(`the answer to the hello does not decode: ${result.error.detail}`);
      else onAnswer(result.value.ErrorCode === null ? null : (result.value.Message ?? result.value.ErrorCode));
    },
  });
}

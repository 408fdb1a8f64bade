import { type GossipSub, type GossipSubComponents, gossipsub, StrictSign } from '@libp2p/gossipsub'
import { MAX_ANNOUNCEMENT_BYTES } from '../limits.ts'

/** Where coordinators announce their rounds. */
export const ANNOUNCEMENTS_TOPIC = '/kernelswarm/announcements/1.0.0'

/** Messages in one piece of gossip; there is one topic, and each coordinator says something every few seconds at most. */
const MESSAGES_AT_ONCE = 64
/** Bytes that wait for one peer: some announcements, after which it is behind and misses some. */
const WAITING_BYTES = 16 * MAX_ANNOUNCEMENT_BYTES

/**
 * libp2p's gossip, for one topic and small messages. Nobody is told of others through it (no peer exchange), and it runs through
 * relays too.
 */
export function gossip(): (components: GossipSubComponents) => GossipSub {
  return gossipsub({
    allowedTopics: [ANNOUNCEMENTS_TOPIC],
    globalSignaturePolicy: StrictSign,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    fallbackToFloodsub: false,
    doPX: false,
    runOnLimitedConnection: true,
    awaitRpcHandler: true,
    awaitRpcMessageHandler: true,
    maxTopicBytesPerPeer: 16 * 1024,
    maxOutboundBufferSize: WAITING_BYTES,
    maxInboundDataLength: MESSAGES_AT_ONCE * MAX_ANNOUNCEMENT_BYTES,
    decodeRpcLimits: {
      maxSubscriptions: 8,
      maxMessages: MESSAGES_AT_ONCE,
      maxIhaveMessageIDs: 256,
      maxIwantMessageIDs: 256,
      maxIdontwantMessageIDs: 256,
      maxControlMessages: 64,
      maxPeerInfos: 0,
    },
  })
}

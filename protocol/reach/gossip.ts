import { type GossipSub, type GossipSubComponents, gossipsub, StrictSign } from '@libp2p/gossipsub'
import { MAX_ANNOUNCEMENT_BYTES } from '../limits.ts'

/** Where coordinators announce their rounds. */
export const ANNOUNCEMENTS_TOPIC = '/kernelswarm/announcements/1.0.0'

/** Messages in one piece of gossip; there is one topic, and each coordinator says something every few seconds at most. */
const MESSAGES_AT_ONCE = 64
/** Bytes that wait for one peer: some announcements, after which it is behind and misses some. */
const WAITING_BYTES = 16 * MAX_ANNOUNCEMENT_BYTES
/** Longest piece of gossip without a message: who listens to what, and who wants what again. */
const CONTROL_BYTES = 64 * 1024

/**
 * `speak`: a coordinator, which says something and takes nothing from others: it would have to check it, and has other work. `hear`: whoever
 * listens, and passes on what is right.
 */
export type GossipUse = 'speak' | 'hear'

/**
 * What a peer stands for is what it sent that was not right, and nothing else: ten times the square of how many messages were refused. At -80,
 * from the third on, nothing of it is read. A thousandth of their number is forgotten every second: after three a minute passes until it is
 * read again, after four six. How many share an address is not held against them: a lab has one.
 */
const STANDING = {
  topicWeight: 1,
  timeInMeshWeight: 0,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 1,
  firstMessageDeliveriesWeight: 0,
  firstMessageDeliveriesDecay: 0.5,
  firstMessageDeliveriesCap: 1,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 1,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 1_000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -10,
  invalidMessageDeliveriesDecay: 0.999,
}

/**
 * libp2p's gossip, for one topic and small messages. Nobody is told of others through it (no peer exchange), and it runs through
 * relays too.
 */
export function gossip(use: GossipUse): (components: GossipSubComponents) => GossipSub {
  const messages = use === 'hear' ? MESSAGES_AT_ONCE : 0
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
    maxInboundDataLength: CONTROL_BYTES + messages * MAX_ANNOUNCEMENT_BYTES,
    decodeRpcLimits: {
      maxSubscriptions: 8,
      maxMessages: messages,
      maxIhaveMessageIDs: 256,
      maxIwantMessageIDs: 256,
      maxIdontwantMessageIDs: 256,
      maxControlMessages: 64,
      maxPeerInfos: 0,
    },
    scoreParams: { topics: { [ANNOUNCEMENTS_TOPIC]: STANDING }, IPColocationFactorWeight: 0 },
  })
}

import { type ChannelState, channelState, isChange } from "../ledger/channel-state.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { channelStream } from "../ledger/streams.ts";

/** What the ledger says of a channel, also beyond a head that its writer did not come to move. */
export async function readChannel(ledger: Ledger, name: string): Promise<ChannelState> {
  const stream = channelStream(name);
  const last = await ledger.latest(stream);
  // Nearly always it is a promotion, and says everything.
  if (!last || isChange(last)) return channelState(last ? [last] : []);
  return channelState(await ledger.history(stream));
}

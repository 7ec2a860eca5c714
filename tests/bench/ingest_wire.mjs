// What a client receives, as text: messages of 20 chats, each chat in the order of its log; every
// fifth is told twice; arrivals are shuffled within eight.

export const kChats = 20;
export const kSelf = '11';

// A small generator with a fixed seed, so that every contestant gets the same.
function numbers(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * bound);
  };
}

function shuffled_within(frames, width, below) {
  for (let from = 0; from < frames.length; from += width) {
    const to = Math.min(from + width, frames.length);
    for (let at = to - 1; at > from; at -= 1) {
      const other = from + below(at - from + 1);
      [frames[at], frames[other]] = [frames[other], frames[at]];
    }
  }
  return frames;
}

export const chat_id = (number) => String(100 + number);

export function wire_frames(messages) {
  const below = numbers(20261121);
  const seqs = Array(kChats).fill(1); // 1 is each chat's creation
  const frames = [];
  for (let at = 0; at < messages; at += 1) {
    const chat = below(kChats);
    seqs[chat] += 1;
    const frame = JSON.stringify({
      type: 'message',
      messageId: String(7_000_000_000_000_000 + at),
      chatId: chat_id(chat),
      seq: seqs[chat],
      rev: seqs[chat],
      senderId: String(11 + below(3)),
      timestamp: new Date(1_760_000_000_000 + at * 1_000).toISOString(),
      content: { type: 'text', text: `message ${at}, of ordinary length, as people write them: გამარჯობა 👋` },
    });
    frames.push(frame);
    if (at % 5 === 0) frames.push(frame);
  }
  return shuffled_within(frames, 8, below);
}

// How an open clock stands, said as rhi/wording.py says it: a test compares the two for many instants.
const MINUTE = 60_000; // all lengths and instants are milliseconds
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SOON = DAY;

const number = (count, noun) => (count === 1 ? `${count} ${noun}` : `${count} ${noun}s`);

const span = (length) => {
  const days = Math.floor(length / DAY);
  const hours = Math.floor(length / HOUR) % 24;
  const minutes = Math.floor(length / MINUTE) % 60;
  if (days) {
    return hours && days < 3 ? `${number(days, "day")} ${number(hours, "hour")}` : number(days, "day");
  }
  if (hours) {
    return minutes && hours < 3 ? `${number(hours, "hour")} ${number(minutes, "minute")}` : number(hours, "hour");
  }
  return number(Math.max(minutes, 1), "minute");
};

// The tone, which gives colour and shape, and the words.
export const standing = (due, now) => {
  const left = due - now;
  if (left < 0) {
    return { tone: "late", words: `${span(-left)} late` };
  }
  return { tone: left <= SOON ? "soon" : "running", words: `${span(left)} left` };
};

// How long the tone and the words stay as they are.
export const steady = (due, now) => {
  const left = due - now;
  return left < 0 ? MINUTE - (-left % MINUTE) : left % MINUTE || 1;
};

// The time as the server has it: the clock of the machine at hand may be wrong, or be put right while a page is open.
let ahead = 0; // milliseconds by which the server's clock is ahead of this one

export const keepTime = (now) => {
  ahead = Date.parse(now) - Date.now();
};

export const serverNow = () => Date.now() + ahead;

/** Processor seconds of this process that some work takes: on a shared machine a fairer measure than the clock. */
export function cpuSeconds(work: () => void): number {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

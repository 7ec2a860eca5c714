// The few statistics that the figures need.

export function quantile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))];
}

export const median = (samples) => quantile(samples, 0.5);

export const spread = (samples) =>
  `${Math.round(Math.min(...samples)).toLocaleString('en')} to ${Math.round(Math.max(...samples)).toLocaleString('en')}`;

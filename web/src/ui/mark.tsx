// Godwit's mark: a bar-tailed godwit on the shore, by its long, slightly upturned bill. Drawn for
// Godwit; `public/icons/mark.svg` is made from the same paths by scripts/make_icons.mjs.
import './mark.css';

export const BIRD_BODY =
  'M6 62c9-3 15-7 22-13 8-6.5 17-10 27-10 7.5 0 10-4 10.5-11.500C66 19 71.5 14 78 14c4.6 0 7.8 2.3 9.2 5.7 10.6 1.3 21-.4 32.3-5.7-10 7.6-20.8 11-32 11.2-1.7 3.8-5 5.6-7 8.3-2.3 3.2-1.8 7.5-3.2 12.500C74.5 56.5 64 66 48.5 67.5 35 68.8 20 66.5 6 62Z';
export const BIRD_WING = 'M24 58.500c10-9.5 21-13.5 33-12.5-6 9-17.5 14-33 12.500Z';
export const BIRD_LEGS = 'M44 67.5 40.5 83l4 16M55 66l4.5 15.500L55.5 99';

export function BirdShape() {
  return (
    <g className="bird">
      <path className="bird__legs" d={BIRD_LEGS} />
      <path className="bird__body" d={BIRD_BODY} />
      <path className="bird__wing" d={BIRD_WING} />
    </g>
  );
}

export function Mark({ size = 32 }: { readonly size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="-4 2 128 108" aria-hidden="true">
      <BirdShape />
    </svg>
  );
}

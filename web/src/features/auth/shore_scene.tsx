// The picture beside the form: a godwit on the wet sand, and a flock that has the sea before it. By day
// it is dawn, in the dark theme it is night; the colours are custom properties, so one drawing is both.
import { BirdShape } from '../../ui/mark';

// A bird in flight seen from far: two wings and a long bill.
const FLYER =
  'M0 0c-7-9-17-13-30-13 9 4 15 8 19 14-6 0-11 1-16 4 9 1 17 1 23-1 7 0 14-1 22-5-7 1-12 1-18 1Z';

const FLOCK: readonly (readonly [x: number, y: number, scale: number, turn: number])[] = [
  [560, 190, 0.92, -8],
  [512, 214, 0.8, -4],
  [470, 232, 0.74, -10],
  [610, 222, 0.7, -6],
  [652, 246, 0.62, -3],
  [424, 258, 0.6, -9],
  [698, 268, 0.52, -6],
  [384, 276, 0.5, -5],
];

function Flock() {
  return (
    <g className="scene__flock" transform="translate(0 70)">
      {FLOCK.map(([x, y, scale, turn]) => (
        <path
          key={x}
          d={FLYER}
          transform={`translate(${x} ${y}) rotate(${turn}) scale(${scale})`}
        />
      ))}
    </g>
  );
}

// The colours' way from the top of each part to its foot.
function Fades() {
  return (
    <defs>
      <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" className="scene__sky-high" />
        <stop offset="0.55" className="scene__sky-mid" />
        <stop offset="1" className="scene__sky-low" />
      </linearGradient>
      <linearGradient id="sea" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" className="scene__sea-far" />
        <stop offset="1" className="scene__sea-near" />
      </linearGradient>
      <linearGradient id="sand" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" className="scene__sand-wet" />
        <stop offset="1" className="scene__sand-dry" />
      </linearGradient>
    </defs>
  );
}

function Sea() {
  return (
    <>
      <rect y="520" width="900" height="180" fill="url(#sea)" />
      <g className="scene__glints">
        <path d="M508 540h184M534 558h132M486 580h96M604 580h120M556 604h88M470 628h70M612 634h96" />
        <path d="M60 556h110M220 584h70M96 622h150M330 612h60M780 566h70M760 620h100" />
      </g>
      <path
        className="scene__foam"
        d="M0 690c80-16 150-12 230 0s160 16 240 2 150-18 230-6 130 14 200 0v40H0Z"
      />
    </>
  );
}

function Sand() {
  return (
    <>
      <path
        fill="url(#sand)"
        d="M0 712c90-16 160-10 240 2s150 14 230 0 150-16 230-4 130 12 200 0v190H0Z"
      />
      <g className="scene__ripples">
        <path d="M40 780c50-6 90-6 140 0M90 812c60-7 120-7 190 0M560 770c60-6 120-6 190 0M610 806c70-8 150-8 230 0M430 846c60-6 130-6 200 0M120 852c50-5 100-5 150 0" />
      </g>
    </>
  );
}

function Wader() {
  return (
    <g transform="translate(250 520) scale(2.3)">
      <g className="scene__reflection" transform="translate(0 200) scale(1 -1)">
        <BirdShape />
      </g>
      <BirdShape />
    </g>
  );
}

export function ShoreScene() {
  return (
    <svg
      className="scene"
      viewBox="0 0 900 900"
      preserveAspectRatio="xMidYMax slice"
      focusable="false"
    >
      <Fades />
      <rect width="900" height="560" fill="url(#sky)" />
      <circle className="scene__sun" cx="600" cy="500" r="118" />
      <Flock />
      <Sea />
      <Sand />
      <Wader />
    </svg>
  );
}

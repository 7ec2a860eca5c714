// Waiting, as three waves. The words say for what.
import './spinner.css';

export function Spinner({ label }: { readonly label: string }) {
  return (
    <span className="spinner" role="status">
      <svg className="spinner__waves" width="36" height="12" viewBox="0 0 36 12" aria-hidden="true">
        <path d="M2 8c3-4 5-4 8 0s5 4 8 0 5-4 8 0 5 4 8 0" />
      </svg>
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

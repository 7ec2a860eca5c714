// How the rules look at the text of a script.

/** Comments blanked, line breaks and strings kept: words that a rule looks for stand in strings, too. */
export function code_of_script(text) {
  return text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/[^\n]*/g, (found) => found.replace(/[^\n]/g, ' '));
}

/** The line, counted from 1, of the character at `index`. */
export const line_at = (text, index) => text.slice(0, index).split('\n').length;

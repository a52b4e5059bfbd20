/**
 * What teaches a shell to complete `ishmael`. Each script hands the words typed so far to `ishmael completion
 * words`, which prints one candidate a line, or `:files` for "a file's name, as you always do it". Pure.
 */

export const FILES = ':files';

export const SHELL_SCRIPTS: ReadonlyMap<string, string> = new Map([
  [
    'bash',
    `_ishmael() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ${FILES} ]]; then compopt -o default 2>/dev/null; else COMPREPLY+=("$line"); fi
  done < <("\${COMP_WORDS[0]}" completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _ishmael ishmael
`,
  ],
  [
    'zsh',
    `#compdef ishmael
_ishmael() {
  local -a found
  found=("\${(@f)$("\${words[1]}" completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ \${found[1]} == ${FILES} ]]; then _files; else compadd -- "\${(@)found:#}"; fi
}
compdef _ishmael ishmael
`,
  ],
  [
    'fish',
    `function __ishmael_complete
    set -l before (commandline -opc)
    set -l word (commandline -ct)
    set -l found ($before[1] completion words -- $before[2..] "$word" 2>/dev/null)
    if test "$found[1]" = '${FILES}'
        __fish_complete_path "$word"
    else
        printf '%s\\n' $found
    end
end
complete -c ishmael -f -a '(__ishmael_complete)'
`,
  ],
]);

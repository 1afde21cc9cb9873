_partyline_chat() {
  case "$before" in
    --ca) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  COMPREPLY=($(compgen -W '--tls --ca --insecure -h --help' -- "$word"))
}
_partyline_say() {
  case "$before" in
    --to) return ;;
    --ca) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  COMPREPLY=($(compgen -W '--to --tls --ca --insecure -h --help' -- "$word"))
}
_partyline_listen() {
  case "$before" in
    --count) return ;;
    --timeout) return ;;
    --ca) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  COMPREPLY=($(compgen -W '--json --count --timeout --reconnect --tls --ca --insecure -h --help' -- "$word"))
}
_partyline() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if ((COMP_CWORD > 1)); then
    case "${COMP_WORDS[1]}" in chat|say|listen) "_partyline_${COMP_WORDS[1]}"; return ;; esac
  fi
  case "$before" in
    --host) COMPREPLY=($(compgen -A hostname -- "$word")); return ;;
    --max-users) return ;;
    --max-line) return ;;
    --outbox) return ;;
    --patience) return ;;
    --join-timeout) return ;;
    --idle-timeout) return ;;
    --drain-timeout) return ;;
    --max-connections) return ;;
    --max-per-address) return ;;
    --rate) return ;;
    --burst) return ;;
    --motd) return ;;
    --web-host) return ;;
    --web-origin) return ;;
    --trust-proxy) return ;;
    --cluster) return ;;
    --room) return ;;
    --lease) return ;;
    --tls-port) return ;;
    --tls-cert) COMPREPLY=($(compgen -f -- "$word")); return ;;
    --tls-key) COMPREPLY=($(compgen -f -- "$word")); return ;;
    --tls-client-ca) COMPREPLY=($(compgen -f -- "$word")); return ;;
    --ops-port) return ;;
    --ops-host) COMPREPLY=($(compgen -A hostname -- "$word")); return ;;
    --ops-token) return ;;
    --log-level) COMPREPLY=($(compgen -W 'debug info warning error none' -- "$word")); return ;;
    --log-format) COMPREPLY=($(compgen -W 'text json' -- "$word")); return ;;
    --config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    --completions) COMPREPLY=($(compgen -W 'bash fish zsh' -- "$word")); return ;;
  esac
  COMPREPLY=($(compgen -W '--host --max-users --max-line --outbox --patience --join-timeout --idle-timeout --drain-timeout --max-connections --max-per-address --rate --burst --motd --no-web --web-host --web-origin --trust-proxy --cluster --room --lease --tls-port --tls-cert --tls-key --tls-client-ca --ops-port --ops-host --ops-token --log-level --log-format --config -h --help -v -V --version --check --probe --print-config --completions' -- "$word"))
  ((COMP_CWORD > 1)) || COMPREPLY+=($(compgen -W 'chat say listen' -- "$word"))
}
complete -F _partyline partyline

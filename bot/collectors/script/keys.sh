# --- the keys of files of settings; values leave the host only where they cannot be a secret
tab=$(printf '\t')
kind_of() { # $1 path: how it is read, `other` for what holds no settings
  case ${1##*/} in
    *.yml|*.yaml|*.yml.*|*.yaml.*) echo yaml ;; *.json) echo json ;; *.toml) echo toml ;; *.properties|*.env|.env*|*.env.*) echo env ;;
    *.service|*.socket|*.timer|*.mount|*.slice|*.target) echo ini ;; *requirements*.txt) echo pins ;;
    *settings*.py|*config*.py|conf.py|*.conf.py) echo python ;;
    *.py|*.js|*.mjs|*.ts|*.rb|*.php|*.jar|*.war|*.so|*.go|*.pl|*.lua|*.sql|*.lock|*.xml|*.sh|*.pem|*.crt|*.key|*.db) echo other ;;
    *) case $1 in /etc/default/*|/etc/sysconfig/*|/etc/conf.d/*) echo env ;; *) echo guess ;; esac ;;
  esac
}
keys() { head -c 200000 | awk -v kind="$1" "$keys" 2>/dev/null | head -n 1500; } # $1 kind; the file comes in

# --- is there a sampler?
python=; case $(readlink $P/exe 2>/dev/null) in *python*|*pypy*) python=1;; esac
[ -n "$python" ] || { grep -q -s -e libpython -e '/python[0-9.]*$' $P/maps && python=1; }
if [ -z "$python" ] && ! readlink $P/exe >/dev/null 2>&1; then # not ours to read: its command line is all there is
  case $(tr '\000' ' ' <$P/cmdline 2>/dev/null) in *python*|*gunicorn*|*uwsgi*|*celery*) python=1;; esac
fi
spy=
for c in "$sampler" "$(command -v py-spy)" /usr/local/bin/py-spy /opt/py-spy/bin/py-spy "$HOME/.local/bin/py-spy"; do
  [ -n "$c" ] && [ -x "$c" ] && spy=$c && break
done
readlink $P/exe >/dev/null 2>&1 || [ -n "$spy" ] || python= # a sampler would not be let in either
if [ -n "$python" ] && [ -z "$spy" ] && [ "$early" = early ]; then s nosampler; s end; exit 0; fi

# --- how this host sees the files of the process: those of a container, or of a chroot, are below its own root
root=; if ls $P/root/ >/dev/null 2>&1; then
  [ "$(readlink $P/ns/mnt)" = "$(readlink /proc/self/ns/mnt)" ] && [ "$(stat -L -c %d:%i $P/root/. 2>/dev/null)" = "$(stat -L -c %d:%i /. 2>/dev/null)" ] || root=$P/root
fi

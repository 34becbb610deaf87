process_log "$pid" "$seconds" "$lines"
s end

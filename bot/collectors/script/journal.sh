# --- the last lines of its log
JOURNAL_S=3600 JOURNAL_LINES=20
over 7000 || { { [ -n "$unit" ] && unit_log "$unit" $JOURNAL_S $JOURNAL_LINES; } || process_log "$pid" $JOURNAL_S $JOURNAL_LINES; }

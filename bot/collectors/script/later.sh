# --- how much of the CPU it got while its stacks were read: a short window may be a short burst of others
s "later $(( $(ms) - begin ))"; grep -a -s -H '' $P/task/*/schedstat | head -n 1000; pressure
